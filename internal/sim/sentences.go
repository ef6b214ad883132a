package sim

import "slices"

// Languages lists the languages that Sentences knows.
func Languages() []string { return []string{"en", "fr"} }

// Sentences gives fictional customer-service replies in a language ("en" or "fr"; anything else is taken for "en").
// The slice is the caller's own.
func Sentences(language string) []string {
	if language == "fr" {
		return slices.Clone(french)
	}
	return slices.Clone(english)
}

var english = []string{
	"Thank you for getting in touch, I am looking into your order right now.",
	"Your parcel left our warehouse this morning and should reach you on Thursday.",
	"I am sorry that the lamp arrived broken. We will send you a new one today.",
	"Could you tell me the number that is printed on the back of the box?",
	"I have changed the address on your account as you asked.",
	"The refund is on its way and will show on your next statement.",
	"Please keep the old cable until the replacement has arrived.",
	"Our workshop has received your watch and will start with it on Monday.",
	"You can hand in the parcel at any of our shops, no label is needed.",
	"I see that the second payment was taken twice. That was our mistake.",
	"The blue one is sold out until March, but the green one is in stock.",
	"Would it help if we delivered in the evening instead?",
	"I have added a small voucher to your account for the trouble.",
	"The invoice is attached to the message that I have just sent you.",
	"Let me ask a colleague from the workshop and come back to you within the hour.",
	"You are right, the price on the page was wrong yesterday.",
	"Your subscription ends on the last day of June and will not renew by itself.",
	"It takes about ten minutes to set up, and the guide walks you through every step.",
	"The driver could not find your door bell. Is there another way to reach you?",
	"We can keep the reservation for you until Saturday at noon.",
	"I have checked with the supplier, and the missing screws are already packed.",
	"There is no charge for the first repair within two years.",
	"Please try to switch the device off, wait a moment, and switch it on again.",
	"Is there anything else that I can do for you today?",
	"The larger table fits four people with ease and six if you squeeze a little.",
	"I will call you tomorrow between nine and ten, if that suits you.",
	"Your points have been moved to the new card, and the old one is closed.",
	"We only need a photograph of the damage and the date of the purchase.",
	"The gift wrap has been added, and the note will be written by hand.",
	"I understand that this was not what you expected, and I will put it right.",
}

var french = []string{
	"Merci de votre message, je regarde votre commande tout de suite.",
	"Votre colis est parti ce matin et devrait arriver jeudi.",
	"Je suis navré que la lampe soit cassée. Nous en envoyons une autre demain.",
	"Pouvez-vous me donner le numéro qui figure au dos de la boîte ?",
	"L'adresse de votre compte est à jour, comme vous le souhaitiez.",
	"Le remboursement est en route et paraîtra sur votre prochain relevé.",
	"Gardez le vieux câble tant que le nouveau n'est pas arrivé.",
	"Notre atelier a bien reçu votre montre et commence lundi.",
	"Vous pouvez déposer le paquet dans un de nos magasins, sans étiquette.",
	"Je vois que le second paiement a été pris deux fois. C'est notre erreur.",
	"Le bleu est épuisé jusqu'en mars, mais il nous reste du vert.",
	"Est-ce qu'une livraison en soirée vous aiderait ?",
	"J'ai ajouté un petit bon d'achat à votre compte pour ce souci.",
	"La facture est jointe au message que je viens de vous envoyer.",
	"Je demande à un collègue de l'atelier et je reviens vers vous dans une heure.",
	"Vous avez raison, le prix de la page était faux hier.",
	"Votre abonnement se termine fin juin et ne sera pas renouvelé.",
	"La mise en route prend dix minutes, et le guide vous montre chaque étape.",
	"Le livreur n'a pas trouvé votre sonnette. Peut-on vous joindre autrement ?",
	"Nous gardons la réservation pour vous jusqu'à samedi midi.",
	"Le fournisseur me dit que les vis manquantes sont dans le carton.",
	"La première réparation est gratuite pendant deux ans.",
	"Essayez de couper l'appareil, attendez un instant, puis rallumez le.",
	"Puis-je faire autre chose pour vous aujourd'hui ?",
	"La grande table convient à quatre personnes, et même à six en se serrant.",
	"Je vous appelle demain entre neuf et dix heures, si cela vous convient.",
	"Vos points sont sur la nouvelle carte, et la vieille est close.",
	"Il nous faut juste une photo du dommage et la date de votre achat.",
	"Le papier cadeau est prévu, et le mot sera écrit par nos soins.",
	"Je comprends que vous attendiez autre chose, et je vais y remédier.",
}
