package studio

import (
	"net/http"
	"net/url"
	"strings"
)

// signInFirst sends a visit to the sign-in page, which sends it back: to the
// page itself, and of a form that was sent to the page where it stands. What the
// form was to change is not changed: nobody knows who will sign in.
func (v *visit) signInFirst(row route) answer {
	m := moved{to: root + "/sign-in"}
	if row.Path == "/sign-out" {
		return m
	}
	here := ""
	switch {
	case v.r.Method != http.MethodGet:
		m.notice = "You were signed out; nothing was changed."
		here = v.formPage(row)
	case !v.fragment():
		here = v.r.URL.RequestURI()
	}
	if here = localPath(here); here != root+"/" {
		m.to += "?return=" + url.QueryEscape(here)
	}
	return m
}

// formPage is the page with the form that is sent to a row: the row's own page,
// the one below it that makes a new thing, or else the nearest above it.
func (v *visit) formPage(row route) string {
	pages := map[string]bool{}
	for _, r := range v.routes() {
		if r.Method == http.MethodGet {
			pages[r.Path] = true
		}
	}
	pattern, here := row.Path, strings.TrimPrefix(v.r.URL.EscapedPath(), root)
	if pages[pattern+"/new"] {
		return root + here + "/new"
	}
	for !pages[pattern] && pattern != "" {
		pattern, here = above(pattern), above(here)
	}
	return root + here
}

// above is a path without its last part.
func above(path string) string { return path[:max(strings.LastIndexByte(path, '/'), 0)] }
