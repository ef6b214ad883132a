package report

// titles says what each protocol does, in one line.
var titles = map[string]string{
	"aalto":      "transcribed sentences of Aalto desktop: 5 enrol, 10 verify, against everybody else's last sentence",
	"cmu":        "one strong password of CMU: 200 repetitions enrol, 200 verify, against the first 5 of others; the comparator of phrases has weights of its own",
	"bbmas":      "48 minutes of typing of BB-MAS: the first 40 windows of 60 strokes enrol, later ones verify, n windows together",
	"sapimouse":  "pointer movement of SapiMouse: 3 minutes enrol, 1 minute verifies, n blocks of 128 events together",
	"balabit":    "remote-desktop pointer of Balabit: training files enrol, labelled test sessions are scored",
	"takeover":   "how long an impostor works before being noticed, and how often people who are themselves are bothered: the server's own fold over enrolment, the person's own run and everybody who takes it over; typing of BB-MAS, pointing of SapiMouse and Balabit, and chimeric people who do both",
	"liveness":   "how surely attacks are told from people's hands, by family: each is judged by detectors that were fitted without it, on people whom nothing has seen; at the threshold that takes one of 1,000 of their own streams for an attack. Counted as mated are attacks, as non-mated people's hands",
	"which":      "which of five people, whom the application names, is at a shared workstation: typing of BB-MAS, n windows of 30 strokes together, asked of the server's own closed-set mode; and among five others",
	"touch":      "touch screens: passwords on tablets (MOBIKEY) on later days, and the second half of two phone games, each against people with the same kind of device, n windows of 20 strokes of fingers together",
	"drift":      "one password typed at home for ten days (Freihaut & Göritz): the first 8 typings enrol, later days verify, at a threshold frozen on other people; with a reference that stays and one that adapts as the server's does, and what an impostor gains whom it adapts to",
	"text":       "an attacker with labelled pairs of other people tries to get the text of Aalto's sentences out of observations; above what the same attacker gets without",
	"link":       "a thief of two installations' references links the people in both: Aalto and BB-MAS, earlier half against later half",
	"recordings": "ipse's own recordings: the first half of a person's windows enrols, the second half verifies, n windows together",
}

// anchor is a published figure, or one of an earlier experiment of this project, for a metric of ours.
type anchor struct {
	metric  string
	work    string
	setting string
	value   string
}

const ownFirstLook = "an early experiment of ipse with a learned network"

var anchors = map[string][]anchor{
	"aalto": {
		{"eer_subject_mean", "TypeNet 2021", "5 enrolment sequences of 50 keys; trained on 68,000 people", "2.2 %"},
		{"eer_subject_mean", "Type2Branch (KVC winner) 2023", "5 enrolment sequences; trained on more than 100,000 people", "0.77 %"},
		{"eer_global", "Type2Branch (KVC winner) 2023", "5 enrolment sequences; trained on more than 100,000 people", "3.33 %"},
		{"fnmr_at_fmr_1e-2", "Type2Branch (KVC winner) 2023", "5 enrolment sequences; trained on more than 100,000 people", "11.96 %"},
		{"fnmr_at_fmr_1e-3", "Type2Branch (KVC winner) 2023", "5 enrolment sequences; trained on more than 100,000 people", "44.17 %"},
		{"eer_subject_mean", ownFirstLook, "5 enrolment sentences; trained on 1,700 people, 529 unseen", "2.05 %"},
		{"eer_subject_mean", ownFirstLook, "trained on 171 people of BB-MAS and Villani only", "7.6 %"},
		{"eer_global", ownFirstLook, "5 enrolment sentences; trained on 1,700 people, 529 unseen", "3.76 %"},
		{"eer_global", ownFirstLook, "trained on 171 people of BB-MAS and Villani only", "10.8 %"},
		{"fnmr_at_fmr_1e-2", ownFirstLook, "trained on 1,700 people", "17.4 %"},
		{"fnmr_at_fmr_1e-3", ownFirstLook, "trained on 1,700 people", "64 %"},
	},
	"cmu": {
		{"eer_one_class", "Killourhy & Maxion 2009", "scaled Manhattan, the best of 14 detectors", "9.62 %"},
		{"eer_one_class", "Killourhy & Maxion 2009", "nearest neighbour, Mahalanobis", "9.96 %"},
		{"eer_one_class", "Zhong, Deng, Jain 2012", "best without background people", "8.4 %"},
		{"eer_background", "Deng & Zhong 2013", "GMM-UBM, with background people", "5.5 %"},
		{"eer_background", "Deng & Zhong 2013", "deep belief network, with background people", "3.5 %"},
	},
	"bbmas": {
		{"eer_subject_mean_n1", ownFirstLook, "33 unseen people; trained on Aalto and 83 other people of BB-MAS", "10.0 %"},
		{"eer_subject_mean_n4", ownFirstLook, "33 unseen people; trained on Aalto and 83 other people of BB-MAS", "5.7 %"},
		{"eer_subject_mean_n8", ownFirstLook, "33 unseen people; trained on Aalto and 83 other people of BB-MAS", "4.2 %"},
		{"eer_global_n1", ownFirstLook, "33 unseen people; trained on Aalto and 83 other people of BB-MAS", "12.2 %"},
		{"eer_global_n4", ownFirstLook, "33 unseen people; trained on Aalto and 83 other people of BB-MAS", "9.9 %"},
		{"eer_global_n8", ownFirstLook, "33 unseen people; trained on Aalto and 83 other people of BB-MAS", "9.0 %"},
	},
	"sapimouse": {
		{"eer_subject_mean_n1", "Antal et al. 2021", "48 unseen people", "17.6 %"},
		{"eer_subject_mean_n3", "Antal et al. 2021", "48 unseen people", "10.6 %"},
		{"eer_subject_mean_n5", "Antal et al. 2021", "48 unseen people", "9.0 %"},
		{"auc_subject_mean_n1", "Antal et al. 2021", "48 unseen people", "0.876"},
		{"auc_subject_mean_n3", "Antal et al. 2021", "48 unseen people", "0.940"},
		{"auc_subject_mean_n5", "Antal et al. 2021", "48 unseen people", "0.950"},
		{"eer_subject_mean_n1", ownFirstLook, "72 people to train, 28 unseen", "10.8 %"},
		{"eer_subject_mean_n3", ownFirstLook, "72 people to train, 28 unseen", "6.6 %"},
		{"eer_subject_mean_n5", ownFirstLook, "72 people to train, 28 unseen", "4.3 %"},
		{"eer_subject_mean_n10", ownFirstLook, "72 people to train, 28 unseen", "2.1 %"},
	},
	"takeover": {
		{"keyboard.detect_seconds_p50", "BehavioSec for DARPA", "99 people, 10 weeks; no false rejection in a working day", "18 s"},
		{"pointer.detect_seconds_p50", "BehavioSec for DARPA", "99 people, 10 weeks; no false rejection in a working day", "144 s"},
		{"keyboard.detect_seconds_p50", ownFirstLook, "33 unseen people, cumulative sums; 38 false alarms in 40 h", "79 s"},
		{"both.detect_actions_p50", "Mondal & Bours 2017", "53 people, uncontrolled; 47 of them never locked out, 6 of 53 not detected at all", "275"},
	},
	"liveness": {
		{"pointer.tpr_at_fpr_1e-3", "BeCAPTCHA-Mouse 2022", "one stroke of at least ten points, generators unseen; accuracy, at no stated FPR", "93 %"},
		{"keyboard.naive.found_in_first_window", "USB key injectors, published detectors", "70 keys, area under the curve", "0.9"},
		{"keyboard.population.error", "statistical forgeries of typing, published detectors", "forged from population data, error rate", "1 to 2 %"},
		{"keyboard.victim.accepted_60s", "statistical forgeries of typing, published detectors", "forged from the victim's own statistics, share that is accepted", "15 %"},
	},
	"balabit": {
		{"auc_subject_mean", "Chong 2019, LT-AMouse 2025", "all ten people, blind attack", "0.9465"},
		{"auc_subject_mean", ownFirstLook, "all ten people; trained on SapiMouse only", "0.66"},
		{"auc_subject_mean_seen", "Chong 2019, LT-AMouse 2025", "all ten people; trained on their training files", "0.96"},
		{"auc_subject_mean_seen", ownFirstLook, "all ten people; trained on Balabit's training files too", "0.946"},
	},
}
