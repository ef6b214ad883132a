package demo

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strings"
	"unicode"
)

//go:embed content/*.json templates/*.html static
var files embed.FS

// languages that the desk speaks; the first one is the default.
var languages = []string{"en", "fr"}

// customer is one fictional customer. Texts are by language.
type customer struct {
	ID      string            `json:"id"`
	Name    string            `json:"name"`
	City    string            `json:"city"`
	Since   int               `json:"since"`
	Orders  []order           `json:"orders"`
	Opening map[string]string `json:"opening"`
}

type order struct {
	Number string            `json:"number"`
	Item   map[string]string `json:"item"`
	State  string            `json:"state"`
	Total  string            `json:"total"`
}

// Amount gives the total in the language's form: French writes a decimal comma and a narrow space before the currency.
func (o order) Amount(language string) string {
	if language == "fr" {
		return strings.NewReplacer(".", ",", " ", "\u202f").Replace(o.Total)
	}
	return o.Total
}

// content is everything that the desk says.
type content struct {
	customers []customer
	messages  map[string][]string          // what customers write next, by language
	strings   map[string]map[string]string // by language and key
	pages     *template.Template
}

func loadContent() (*content, error) {
	c := &content{strings: map[string]map[string]string{}}
	read := func(name string, into any) error {
		raw, err := files.ReadFile(path.Join("content", name))
		if err == nil {
			err = json.Unmarshal(raw, into)
		}
		if err != nil {
			return fmt.Errorf("demo: read %s: %w", name, err)
		}
		return nil
	}
	if err := read("customers.json", &c.customers); err != nil {
		return nil, err
	}
	if err := read("messages.json", &c.messages); err != nil {
		return nil, err
	}
	for _, language := range languages {
		var table map[string]string
		if err := read(language+".json", &table); err != nil {
			return nil, err
		}
		c.strings[language] = table
	}
	pages, err := template.New("").Funcs(template.FuncMap{"initials": initials}).ParseFS(files, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("demo: parse the pages: %w", err)
	}
	c.pages = pages
	return c, nil
}

// say gives the text of a key in a language, with {name} filled in from pairs of name and value.
func (c *content) say(language, key string, pairs ...string) string {
	text, ok := c.strings[language][key]
	if !ok {
		return key
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+pairs[i]+"}", pairs[i+1])
	}
	return text
}

func (c *content) customer(id string) (customer, bool) {
	for _, x := range c.customers {
		if x.ID == id {
			return x, true
		}
	}
	return customer{}, false
}

// search gives the customers whose name, town or order numbers contain the words, in the list's order.
func (c *content) search(words string) []customer {
	words = strings.ToLower(strings.TrimSpace(words))
	var out []customer
	for _, x := range c.customers {
		hay := x.Name + " " + x.City
		for _, o := range x.Orders {
			hay += " " + o.Number
		}
		if strings.Contains(strings.ToLower(hay), words) {
			out = append(out, x)
		}
	}
	return out
}

// initials gives the first letters of the first two words of a name that begin with a capital one.
func initials(name string) string {
	var out []rune
	for _, word := range strings.Fields(name) {
		if first := []rune(word)[0]; len(out) < 2 && unicode.IsUpper(first) {
			out = append(out, first)
		}
	}
	return string(out)
}

const languageCookie = "harbour_language"

// language is what the visitor chose, else what the browser prefers, else the first.
func language(r *http.Request) string {
	if c, err := r.Cookie(languageCookie); err == nil {
		for _, l := range languages {
			if c.Value == l {
				return l
			}
		}
	}
	for _, wanted := range strings.Split(r.Header.Get("Accept-Language"), ",") {
		for _, l := range languages {
			if strings.HasPrefix(strings.ToLower(strings.TrimSpace(wanted)), l) {
				return l
			}
		}
	}
	return languages[0]
}
