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
// stays. What cannot be sent at all is told by field.
func environmentPatch(f, opened form) (wire.EnvironmentPatch, fault.Inputs) {
	var p wire.EnvironmentPatch
	var faults fault.Inputs
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
	tags, bad := readTags(f.Value("tags"))
	if bad != "" {
		faults.Add("tags", "%s", bad)
	}
	if before, _ := readTags(opened.Value("tags")); bad == "" && !maps.Equal(tags, before) {
		p.Tags = &tags
	}
	if changed(f, opened, "session_seconds") {
		n := count(f, "session_seconds", &faults)
		p.SessionSeconds = &n
	}
	if changed(f, opened, "limits.requests_per_minute") || changed(f, opened, "limits.max_concurrent") {
		p.Limits = &wire.Limits{PerMinute: count(f, "limits.requests_per_minute", &faults), Concurrent: count(f, "limits.max_concurrent", &faults)}
	}
	return p, faults
}

func changed(f, opened form, name string) bool {
	return strings.TrimSpace(f.Value(name)) != opened.Value(name)
}

// count reads a number that a person typed; nothing is 0.
func count(f form, name string, faults *fault.Inputs) int {
	typed := strings.TrimSpace(f.Value(name))
	if typed == "" {
		return 0
	}
	n, err := strconv.ParseInt(typed, 10, 32)
	if err != nil || n < 0 {
		faults.Add(name, "enter a whole number, or leave empty for none")
	}
	return int(n)
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

// readTags reads name = value, one a line; bad says what is none.
func readTags(s string) (tags map[string]string, bad string) {
	tags = map[string]string{}
	for _, l := range lines(s) {
		name, value, found := strings.Cut(l, "=")
		name = strings.TrimSpace(name)
		_, twice := tags[name]
		switch {
		case !found || name == "":
			return nil, "enter each tag on its own line, as name = value"
		case twice:
			return nil, "the tag " + name + " is there twice"
		}
		tags[name] = strings.TrimSpace(value)
	}
	return tags, ""
}

// tagLines writes tags as [readTags] reads them.
func tagLines(tags map[string]string) string {
	var b strings.Builder
	for i, name := range slices.Sorted(maps.Keys(tags)) {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(name + " = " + tags[name])
	}
	return b.String()
}

func countText(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
