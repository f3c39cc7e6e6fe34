package signin

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// claims are what an ID token says of a person (OpenID Connect Core, 5.1), as
// far as it is looked at. They are believed only after the token was verified.
type claims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Name     string   `json:"name"`
	Handle   string   `json:"preferred_username"`
	Email    string   `json:"email"`
	Verified truth    `json:"email_verified"`
	Groups   textList `json:"groups"`
	// Hosted is the domain of an organization at Google ("hd").
	Hosted string `json:"hd"`
	// Party is whom the token was issued to ("azp"), where it is for several.
	Party string `json:"azp"`
}

// ofGoogle reports whether Google vouches. There everybody can have an account
// with an address elsewhere, which stays verified when the address is somebody
// else's by now; only the accounts that a domain manages have the claim "hd"
// (Google: "OpenID Connect", An ID token's payload; "Authenticate with a backend server").
func (c claims) ofGoogle() bool {
	return c.Issuer == "https://accounts.google.com" || c.Issuer == "accounts.google.com" // it writes both
}

// called returns what to call the person.
func (c claims) called() string {
	for _, name := range []string{c.Name, c.Handle, c.Email, c.Subject} {
		if name = clean(name); name != "" {
			return name
		}
	}
	return ""
}

// wholeSubject reports whether the subject can be kept as it is. One that
// cannot is refused and not mended: two people must not become one.
func (c claims) wholeSubject() bool {
	return c.Subject != "" && utf8.ValidString(c.Subject) && utf8.RuneCountInString(c.Subject) <= maxValue &&
		!strings.ContainsFunc(c.Subject, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError })
}

// truth is a boolean that some providers (Amazon Cognito, Apple) write as the
// text "true". Everything else is false.
type truth bool

// UnmarshalJSON reads true and "true".
func (t *truth) UnmarshalJSON(b []byte) error {
	*t = string(b) == "true" || string(b) == `"true"`
	return nil
}

// textList is a list of texts, or one text, which is then the only one of the
// list. What else stands in it is passed over.
type textList []string

// UnmarshalJSON reads "a", ["a","b"] and null.
func (l *textList) UnmarshalJSON(b []byte) error {
	var value any
	if err := json.Unmarshal(b, &value); err != nil {
		return err
	}
	*l = nil
	switch v := value.(type) {
	case string:
		*l = textList{v}
	case []any:
		for _, each := range v {
			if s, ok := each.(string); ok {
				*l = append(*l, s)
			}
		}
	}
	return nil
}
