package signintest

import (
	"crypto/rand"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The page that a browser signs in on: fields #subject, #name, #email,
// #verified, #groups (with commas) and #hosted, and the buttons #sign-in and #deny.
const pageText = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Test provider</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>Test provider</h1>
<form method="post" action="/authorize?{{.}}">
<p><label for="subject">Subject</label> <input id="subject" name="subject" value="subject-1"></p>
<p><label for="name">Name</label> <input id="name" name="name" value="Ada Lovelace"></p>
<p><label for="email">E-mail</label> <input id="email" name="email" value="ada@example.com"></p>
<p><input type="checkbox" id="verified" name="verified" checked> <label for="verified">verified</label></p>
<p><label for="groups">Groups</label> <input id="groups" name="groups"></p>
<p><label for="hosted">Hosted domain</label> <input id="hosted" name="hosted"></p>
<p><button id="sign-in">Sign in</button> <button id="deny" name="deny" value="yes">Deny</button></p>
</form></main></body></html>
`

// request returns what is wrong with an authorization request, or "".
func (p *Provider) request(q url.Values) string {
	redirect, err := url.Parse(q.Get("redirect_uri"))
	switch {
	case err != nil || !redirect.IsAbs():
		return "redirect_uri"
	case q.Get("client_id") != p.ClientID:
		return "client_id"
	case q.Get("response_type") != "code":
		return "response_type"
	case !slices.Contains(strings.Fields(q.Get("scope")), "openid"):
		return "scope"
	case q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43:
		return "code_challenge"
	case len(q.Get("state")) < 43 || len(q.Get("nonce")) < 43:
		return "state or nonce"
	}
	return ""
}

func (p *Provider) page(w http.ResponseWriter, r *http.Request) {
	if wrong := p.request(r.URL.Query()); wrong != "" {
		http.Error(w, "wrong "+wrong, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	page := template.Must(template.New("page").Parse(pageText))
	_ = page.Execute(w, template.URL(r.URL.RawQuery)) //nolint:gosec // its own query comes back to it, in a test
}

// decided sends the browser back with a code, or with a No.
func (p *Provider) decided(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if wrong := p.request(q); wrong != "" {
		http.Error(w, "wrong "+wrong, http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {q.Get("state")}, "iss": {p.URL}}
	if r.PostFormValue("deny") != "" {
		back.Set("error", "access_denied")
	} else {
		who := Who{
			Subject: r.PostFormValue("subject"), Name: r.PostFormValue("name"), Email: r.PostFormValue("email"),
			Verified: r.PostFormValue("verified") != "", Hosted: r.PostFormValue("hosted"),
		}
		for g := range strings.SplitSeq(r.PostFormValue("groups"), ",") {
			if g = strings.TrimSpace(g); g != "" {
				who.Groups = append(who.Groups, g)
			}
		}
		back.Set("code", p.code(q, who))
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusSeeOther) //nolint:gosec // a provider for tests sends whoever asks back
}

func (p *Provider) code(q url.Values, who Who) string {
	code := rand.Text()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.codes[code] = grant{who: who, challenge: q.Get("code_challenge"), redirect: q.Get("redirect_uri"), nonce: q.Get("nonce")}
	return code
}

// Authorize does what a browser does at the URL of a flow, and returns the query
// that it brings back to the server under test.
func (p *Provider) Authorize(t T, flow string, who Who) url.Values {
	t.Helper()
	u, err := url.Parse(flow)
	if err != nil || !strings.HasPrefix(flow, p.URL+"/authorize?") {
		t.Fatalf("the flow leads to %q, %v", flow, err)
		return nil
	}
	q := u.Query()
	if wrong := p.request(q); wrong != "" {
		t.Fatalf("the authorization request has a wrong %s: %s", wrong, flow)
		return nil
	}
	return url.Values{"state": {q.Get("state")}, "iss": {p.URL}, "code": {p.code(q, who)}}
}
