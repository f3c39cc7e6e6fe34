package studio

import (
	"fmt"
	"time"

	"github.com/adit-hq/adit/internal/control/wire"
)

func (s *studio) rotatePage(v *visit) (answer, error) {
	keys, err := v.api.SigningKeys(v.ctx())
	if err != nil {
		return nil, err
	}
	return rotation(form{}, unripe(keys.Items, v.now()))
}

// unripe says why no next key can sign yet; "" when one can.
func unripe(keys []wire.SigningKey, now time.Time) string {
	var from time.Time
	for _, k := range keys {
		if k.State == "next" && k.Ripens != nil && (from.IsZero() || k.Ripens.Before(from)) {
			from = *k.Ripens
		}
	}
	switch {
	case from.IsZero():
		return "The keys cannot be rotated now: no next key is published. Adit publishes one by itself; look again in a moment."
	case from.After(now):
		return fmt.Sprintf("The keys can be rotated from %s on (%s). The next key was published only a short while ago, and AWS may not know it before then.",
			from.UTC().Format("2 January 2006, 15:04 UTC"), relative(from, now))
	}
	return ""
}

// rotation is the page that rotates; notYet is why it cannot be done, "" when it can.
func rotation(f form, notYet string) (answer, error) {
	c := confirmation{
		What: "The next key starts signing now.",
		Breaks: []string{
			"Nothing breaks: the next key has been published long enough for AWS to know it. Otherwise this is refused.",
			"The current key stays published until its last token has expired; its private key is erased.",
			"A new next key is generated and published.",
			"If a bucket or CDN serves the documents, export them again right after.",
		},
		To: root + "/issuer/rotate", Button: "Rotate now", Back: root + "/issuer", Form: f, Harmless: true,
	}
	if notYet != "" {
		c.What, c.Disabled = notYet, true
		c.Breaks = []string{"If the current key may have leaked, revoke it instead."}
	}
	p := c.page("Rotate the signing key", issuerTrail())
	p.section = "issuer"
	if f.Err() != nil {
		return again(p, f.Err())
	}
	return p, nil
}

func (s *studio) rotate(v *visit) (answer, error) {
	if _, err := v.api.RotateSigningKeys(v.ctx()); err != nil {
		return rotation(v.form().with(err), "")
	}
	return moved{to: root + "/issuer", notice: "The next key signs now, and a new next key is published."}, nil
}
