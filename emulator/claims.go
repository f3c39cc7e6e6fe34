package emulator

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

const (
	claimTags           = "https://aws.amazon.com/tags"
	claimSourceIdentity = "https://aws.amazon.com/source_identity"
)

// claims are what STS reads of a token. Times are whole seconds.
type claims struct {
	issuer         string
	subject        string
	audiences      []string
	amr            []string
	id             string
	expires        time.Time
	issued         time.Time
	notBefore      time.Time // zero: the claim is absent
	tags           []Tag
	transitive     []string
	sourceIdentity string
}

// missingClaim is AWS's text for a claim that is absent.
type missingClaim string

func (c missingClaim) Error() string { return "Missing a required claim: " + string(c) }

func readClaims(payload value) (claims, error) {
	c := claims{}
	for _, name := range []string{"iss", "sub", "aud", "exp", "iat"} {
		if v, ok := payload.member(name); !ok || v.kind == kindNull {
			return c, missingClaim(name)
		}
	}
	var err error
	for _, m := range payload.members {
		switch m.name {
		case "iss":
			c.issuer, err = claimText(m)
		case "sub":
			c.subject, err = claimText(m)
		case "jti":
			c.id, err = claimText(m)
		case "aud":
			c.audiences, err = claimTexts(m)
		case "amr":
			c.amr, err = claimTexts(m)
		case "exp":
			c.expires, err = claimTime(m)
		case "iat":
			c.issued, err = claimTime(m)
		case "nbf":
			c.notBefore, err = claimTime(m)
		case claimSourceIdentity:
			if c.sourceIdentity, err = claimText(m); err == nil && !sessionName.MatchString(c.sourceIdentity) {
				err = errors.New("its source identity does not have 2 to 64 characters of [\\w+=,.@-]")
			}
		case claimTags:
			c.tags, c.transitive, err = readSessionTags(m.value)
		}
		if err != nil {
			return c, err
		}
	}
	return c, nil
}

func claimText(m member) (string, error) {
	if m.value.kind != kindString || m.value.text == "" {
		return "", fmt.Errorf("its %s is not a text", m.name)
	}
	return m.value.text, nil
}

// claimTexts reads one text or a list of texts.
func claimTexts(m member) ([]string, error) {
	var list []string
	for _, item := range oneOrMore(m.value) {
		text, err := claimText(member{m.name, item})
		if err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	if list == nil {
		return nil, fmt.Errorf("its %s is an empty list", m.name)
	}
	return list, nil
}

// claimTime wants an integer; AWS refuses 1.5e9 and "1500000000".
func claimTime(m member) (time.Time, error) {
	seconds, err := strconv.ParseInt(m.value.text, 10, 64)
	if m.value.kind != kindInteger || err != nil || seconds < 0 || seconds > 1<<40 {
		return time.Time{}, fmt.Errorf("its %s is not an integer of seconds", m.name)
	}
	return time.Unix(seconds, 0), nil
}
