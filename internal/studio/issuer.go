package studio

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

func (s *studio) issuerRoutes() []route {
	return []route{
		get("/issuer", access.ReadIssuer, s.issuer),
		get("/issuer/documents/{name}", access.ReadIssuer, s.issuerDocument),
		get("/issuer/rotate", access.WriteIssuer, s.rotatePage),
		post("/issuer/rotate", access.WriteIssuer, s.rotate),
		get("/issuer/keys/{kid}/revoke", access.WriteIssuer, s.revokePage),
		post("/issuer/keys/{kid}/revoke", access.WriteIssuer, s.revoke),
	}
}

// issuerData is what the issuer's page draws.
type issuerData struct {
	URL, Discovery, JWKS string
	Keys                 []wire.SigningKey
	Line                 timeline
	Active               *wire.SigningKey
	Next                 *wire.SigningKey
	Rotates              time.Time // zero: not known
	// Fetched are when the documents were last asked for, by whoever verifies tokens.
	Fetched []fetched
	now     time.Time
}

// Past reports whether a moment has come already.
func (d issuerData) Past(at *time.Time) bool { return !at.After(d.now) }

type fetched struct {
	Name string
	At   time.Time
}

func issuerTrail() link { return link{Label: "Issuer", URL: root + "/issuer"} }

func (s *studio) issuer(v *visit) (answer, error) {
	keys, err := v.api.SigningKeys(v.ctx())
	if err != nil {
		return nil, err
	}
	d := issuerData{now: v.now(), URL: keys.Issuer, Discovery: keys.Issuer + "/.well-known/openid-configuration", JWKS: keys.Issuer + "/.well-known/jwks.json"}
	for i, k := range keys.Items {
		switch k.State {
		case "active":
			d.Active = &keys.Items[i]
			if k.Rotates != nil {
				d.Rotates = *k.Rotates
			}
		case "next":
			d.Next = &keys.Items[i]
		}
	}
	d.Keys = keys.Items
	d.Line = newTimeline(keys.Items, v.now(), d.Rotates)
	if status, err := v.api.Status(v.ctx()); err == nil { // the page is good without it
		for _, name := range []string{"discovery", "jwks"} {
			d.Fetched = append(d.Fetched, fetched{Name: name, At: status.Issuer.Fetched[name]})
		}
	}
	p := page{
		template: "issuer", title: "Issuer", section: "issuer", data: d,
		lead: "Adit's own identity provider. AWS reads these documents to know whose tokens to trust.",
	}
	if v.May(access.WriteIssuer) {
		p.actions = []link{{Label: "Rotate now", URL: root + "/issuer/rotate"}}
	}
	return p, nil
}

// issuerDocument is one of the issuer's files, byte for byte.
func (s *studio) issuerDocument(v *visit) (answer, error) {
	documents, err := v.api.IssuerDocuments(v.ctx())
	if err != nil {
		return nil, err
	}
	for _, f := range documents.Files {
		if name := f.Path[strings.LastIndex(f.Path, "/")+1:]; name == v.path("name") {
			return file{name: name, media: "application/json", write: func(w io.Writer) error {
				_, err := io.WriteString(w, f.Body)
				return err
			}}, nil
		}
	}
	return nil, fault.New(fault.NotFound, "the issuer has no such document").WithRemedy("The issuer's page lists those it has.")
}

// signingKey finds one that is published.
func (v *visit) signingKey(kid string) (wire.SigningKey, error) {
	keys, err := v.api.SigningKeys(v.ctx())
	if err != nil {
		return wire.SigningKey{}, err
	}
	for _, k := range keys.Items {
		if k.KID == kid && k.State != "gone" {
			return k, nil
		}
	}
	return wire.SigningKey{}, fault.New(fault.NotFound, "no such key is published").WithRemedy("The issuer's page lists those that are.")
}

func (s *studio) revokePage(v *visit) (answer, error) { return s.revocation(v, form{}) }

func (s *studio) revocation(v *visit, f form) (answer, error) {
	k, err := v.signingKey(v.path("kid"))
	if err != nil {
		return nil, err
	}
	c := confirmation{
		What:   fmt.Sprintf("The key %s (%s) is removed from the published keys at once, and its private key is erased. Do this if it may have leaked; otherwise rotate.", k.KID, k.State),
		Breaks: consequences(k.State), Type: k.KID, TypeWhat: "the key's id",
		To: address(root+"/issuer/keys", k.KID, "revoke"), Button: "Revoke key", Back: root + "/issuer", Form: f,
	}
	if k.State == "active" {
		c.Boxes = []box{{
			Name: "force", Label: "Revoke even if AWS does not know another key yet", Optional: true,
			Hint: "Exchanges may fail until AWS has fetched the new key, which can take an hour.",
		}}
	}
	p := c.page("Revoke a signing key", issuerTrail())
	p.section = "issuer"
	if f.Err() != nil {
		return again(p, f.Err())
	}
	return p, nil
}

// consequences says what revoking a key in a state breaks.
func consequences(state string) []string {
	always := "AWS caches published keys and may trust tokens of this key for about an hour. CloudTrail shows what was done with them."
	switch state {
	case "active":
		return []string{
			"The next key signs at once. Credentials already issued stay valid until they expire; new ones use the next key.",
			"All current tokens of the key are refused by anyone who fetches the keys again.", always,
			"The result lists the environments that used this key, for you to review.",
		}
	case "retiring":
		return []string{"Its last tokens may not have expired yet; they are refused by anyone who fetches the keys again.", always}
	}
	return []string{"It has signed nothing yet, so nothing breaks. A new next key is generated, which must be published for a while before it can sign."}
}

func (s *studio) revoke(v *visit) (answer, error) {
	kid := v.path("kid")
	if err := v.confirmed(kid); err != nil {
		return s.revocation(v, v.form().with(err))
	}
	r, err := v.api.RevokeSigningKey(v.ctx(), kid, v.typed("force") == "on")
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return nil, err
		}
		return s.revocation(v, v.form().with(err))
	}
	return page{template: "issuer-revoked", title: "Key revoked", section: "issuer", trail: []link{issuerTrail()}, data: r}, nil
}
