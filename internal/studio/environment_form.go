package studio

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// formOf is the form of an environment as it is. Its fields are named as the API
// names them, so that a fault stands beside the field that it is of.
func formOf(e wire.Environment) form {
	v := url.Values{
		"name": {e.Name}, "description": {e.Description}, "region": {e.Region}, "role_arn": {e.RoleARN},
		"audiences": {strings.Join(e.Audiences, "\n")}, "models": {strings.Join(e.Models, "\n")}, "tags": {tagLines(e.Tags)},
		"session_seconds":            {countText(e.SessionSeconds)},
		"limits.requests_per_minute": {countText(e.Limits.PerMinute)}, "limits.max_concurrent": {countText(e.Limits.Concurrent)},
		"session_name": {e.SessionName},
	}
	if e.SessionTags {
		v.Set("session_tags", "on")
	}
	v.Set("opened", sumOf(v))
	return form{values: v}
}

// fingerprint tells the settings of an environment apart from others, whatever the
// server noted of its state meanwhile.
func fingerprint(e wire.Environment) string { return formOf(e).Value("opened") }

func sumOf(v url.Values) string {
	sum := sha256.Sum256([]byte(v.Encode()))
	return hex.EncodeToString(sum[:12])
}

// environmentPatch is what a form changes of an environment: only the fields that
// differ from the opened one, so that a change of somebody else to another field
// stays. What cannot be read is told by field, and refused by the API.
func environmentPatch(f, opened form) (p wire.EnvironmentPatch, unread fault.Inputs) {
	for name, to := range map[string]**string{
		"name": &p.Name, "description": &p.Description, "region": &p.Region, "role_arn": &p.RoleARN, "session_name": &p.SessionName,
	} {
		if now := strings.TrimSpace(f.Value(name)); now != opened.Value(name) {
			*to = &now
		}
	}
	if tags := f.Has("session_tags", "on"); tags != opened.Has("session_tags", "on") {
		p.SessionTags = &tags
	}
	for name, to := range map[string]**[]string{"audiences": &p.Audiences, "models": &p.Models} {
		if list := lines(f.Value(name)); !slices.Equal(list, lines(opened.Value(name))) {
			*to = &list
		}
	}
	if tags := typedTags(f, &unread); !maps.Equal(tags, typedTags(opened, new(fault.Inputs))) {
		p.Tags = &tags
	}
	if changed(f, opened, "session_seconds") {
		n := typedNumber(f, "session_seconds", &unread)
		p.SessionSeconds = &n
	}
	if changed(f, opened, "limits.requests_per_minute") || changed(f, opened, "limits.max_concurrent") {
		p.Limits = &wire.Limits{PerMinute: typedNumber(f, "limits.requests_per_minute", &unread), Concurrent: typedNumber(f, "limits.max_concurrent", &unread)}
	}
	return p, unread
}

func changed(f, opened form, name string) bool {
	return strings.TrimSpace(f.Value(name)) != opened.Value(name)
}

// lines are a text's lines, without empty ones and the spaces around them.
func lines(s string) []string {
	out := []string{}
	for l := range strings.Lines(s) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func countText(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
