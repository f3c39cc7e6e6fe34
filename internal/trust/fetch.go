package trust

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/json"

	"github.com/adit-hq/adit/internal/egress"
	"github.com/adit-hq/adit/internal/fault"
)

// How long keys are fresh: as their answer says, within bounds.
const (
	leastFresh = time.Minute
	usualFresh = 10 * time.Minute
	mostFresh  = 24 * time.Hour
)

// patience is for both documents of an issuer.
const patience = 15 * time.Second

// fetch reads an issuer's keys: its discovery document (OpenID Connect Discovery
// 4), which must name the very issuer, and the key set that it points to.
func (s *Settings) fetch(ctx context.Context, issuer string) (*keys, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	body, _, err := s.get(ctx, "discovery document", strings.TrimSuffix(issuer, "/")+discoveryPath)
	if err != nil {
		return nil, err
	}
	var d struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(body, &d); err != nil {
		return nil, problem("the issuer's discovery document is not JSON in the expected form")
	}
	if d.Issuer != issuer {
		return nil, problem("the issuer's discovery document names a different issuer than the trusted one; they must match exactly, including a trailing slash")
	}
	if _, err := egress.CheckURL(d.JWKSURI, s.Egress); err != nil {
		return nil, problem("the issuer's discovery document names a keys URL (jwks_uri) that is not allowed: %s", fault.From(err).Message)
	}
	body, header, err := s.get(ctx, "key set", d.JWKSURI)
	if err != nil {
		return nil, err
	}
	k, err := readKeys(body)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	k.until = now.Add(freshness(header, now))
	return k, nil
}

// get reads one document. What is there besides is not told: not the status, and
// nothing of the body.
func (s *Settings) get(ctx context.Context, what, address string) ([]byte, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, nil, problem("the address of the issuer's %s cannot be read", what)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "adit")
	resp, err := s.HTTP.Do(req)
	if err != nil {
		return nil, nil, problem("the issuer's %s cannot be read: %s", what, sentenceOf(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, nil, problem("the issuer's %s cannot be read: its URL does not return status 200", what)
	}
	body, err := io.ReadAll(resp.Body) // egress bounds it
	if err != nil {
		return nil, nil, problem("the issuer's %s cannot be read: %s", what, sentenceOf(err))
	}
	return body, resp.Header, nil
}

// freshness returns how long an answer may be kept (RFC 9111, 4.2), within our bounds.
func freshness(h http.Header, now time.Time) time.Duration {
	d := usualFresh
	if at, err := http.ParseTime(h.Get("Expires")); err == nil {
		sent, err := http.ParseTime(h.Get("Date"))
		if err != nil {
			sent = now
		}
		d = at.Sub(sent)
	}
	for part := range strings.SplitSeq(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(part)), "=")
		switch name {
		case "no-store", "no-cache":
			return leastFresh
		case "max-age":
			if n, ok := seconds(strings.Trim(value, `"`)); ok {
				age, _ := seconds(h.Get("Age"))
				d = n - age
			}
		}
	}
	return min(max(d, leastFresh), mostFresh)
}

// seconds reads a number of seconds, at most some years.
func seconds(text string) (time.Duration, bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		n = 1<<31 - 1 // too large to read is large
	}
	return time.Duration(n) * time.Second, true
}
