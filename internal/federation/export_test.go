package federation

import (
	"time"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/tenant"
)

// SessionName names the session that a caller of the environment gets.
func SessionName(hashKey []byte, env tenant.Environment, plain bool, c caller.Caller) string {
	return namer{hashKey}.sessionFor(&env, plain, c).name
}

// RefreshAfter is when credentials of that life are renewed.
func RefreshAfter(life time.Duration, jitter float64) time.Duration {
	return refreshAfter(life, jitter)
}

// Scrub makes a text from outside fit to be shown.
func Scrub(text string, secrets ...string) string { return scrub(text, secrets...) }

// ReadAnswer reads a success of STS, and returns what would sign.
func ReadAnswer(body []byte, roleARN, session string) (keyID string, key, token secret.String, err error) {
	r, err := tenant.ParseRole(roleARN)
	if err != nil {
		return "", key, token, err
	}
	a, err := readAnswer(body, question{role: r, arn: roleARN, session: session})
	if err != nil {
		return "", key, token, err
	}
	return a.keyID, a.key, a.token, nil
}

// Endpoint is the STS endpoint of a region.
func Endpoint(region string) (string, error) { return endpoint(region) }
