package studio

import (
	"fmt"
	"net/url"
)

// copied is a text with a button that copies it.
type copied struct{ ID, Text, What string }

// newCopy makes one: the element's id, the text, and what it is ("the organization's id").
func newCopy(id, text, what string) copied { return copied{id, text, what} }

// pager leads through a list.
type pager struct{ First, Next string }

// newPager makes one of the visit's URL and the cursor of the next page.
func newPager(w view, next string) pager {
	here := *w.r.URL
	q := here.Query()
	p := pager{}
	if q.Get("cursor") != "" {
		q.Del("cursor")
		p.First = pathAnd(here.EscapedPath(), q)
	}
	if next != "" {
		q.Set("cursor", next)
		p.Next = pathAnd(here.EscapedPath(), q)
	}
	return p
}

func pathAnd(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// withQuery is the visit's URL with query parameters changed, from the first
// page on: withq . "sort" "name". An empty value takes one away.
func withQuery(w view, changes ...string) string {
	q := w.r.URL.Query()
	q.Del("cursor")
	for i := 0; i+1 < len(changes); i += 2 {
		if changes[i+1] == "" {
			q.Del(changes[i])
			continue
		}
		q.Set(changes[i], changes[i+1])
	}
	return pathAnd(w.r.URL.EscapedPath(), q)
}

// emptiness is what stands where a list has nothing: what would be there, and how it comes there.
type emptiness struct {
	Title, Text string
	Action      link
}

func newEmpty(title, text string, action ...string) emptiness {
	e := emptiness{Title: title, Text: text}
	if len(action) == 2 && action[1] != "" {
		e.Action = link{Label: action[0], URL: action[1], Primary: true}
	}
	return e
}

// loaded is a part of a page that comes later.
type loaded struct {
	URL, What string
	Every     string
}

// newLoad makes one: the URL of the part, what it is ("the models of the account"),
// and for parts that change how often it is asked for ("3s").
func newLoad(url, what string, every ...string) loaded {
	l := loaded{URL: url, What: what}
	if len(every) > 0 {
		l.Every = fmt.Sprint(every[0])
	}
	return l
}
