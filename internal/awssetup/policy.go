package awssetup

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

const policyVersion = "2012-10-17"

// document is a policy that Adit writes.
type document struct {
	Version   string `json:"Version"`
	Statement any    `json:"Statement"`
}

// indented writes JSON as people read it.
func indented(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// compacted is the same JSON without spaces; what is no JSON stays as it is.
func compacted(text string) string {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		return text
	}
	return b.String()
}

// policy is somebody's policy: its members as they are, its statements apart.
type policy struct {
	members    map[string]json.RawMessage
	statements []json.RawMessage
}

// readPolicy reads a policy that IAM holds. IAM takes one statement for a list of one.
func readPolicy(text string) (policy, error) {
	p := policy{members: map[string]json.RawMessage{}}
	if err := json.Unmarshal([]byte(text), &p.members); err != nil {
		return p, fmt.Errorf("reading a policy: %w", err)
	}
	raw := p.members["Statement"]
	delete(p.members, "Statement")
	if len(raw) == 0 {
		return p, nil
	}
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		p.statements = []json.RawMessage{raw}
		return p, nil
	}
	if err := json.Unmarshal(raw, &p.statements); err != nil {
		return p, fmt.Errorf("reading a policy's statements: %w", err)
	}
	return p, nil
}

// text writes the policy again: Version and Id as they were.
func (p policy) text() (string, error) {
	out := map[string]any{"Statement": p.statements}
	for k, v := range p.members {
		out[k] = v
	}
	return indented(out)
}

// canonical returns the policy in the one form that all policies with its
// meaning share: statements in a list, one value as a list of one, lists sorted.
func canonical(text string) (string, error) {
	p, err := readPolicy(text)
	if err != nil {
		return "", err
	}
	statements := make([]any, len(p.statements))
	for i, raw := range p.statements {
		var s map[string]any
		if err := json.Unmarshal(raw, &s); err != nil {
			return "", fmt.Errorf("reading a policy's statement: %w", err)
		}
		statements[i] = canonicalStatement(s)
	}
	out := map[string]any{"Statement": statements}
	for k, v := range p.members {
		out[k] = v
	}
	return indented(out)
}

func canonicalStatement(s map[string]any) map[string]any {
	for _, k := range []string{"Action", "NotAction", "Resource", "NotResource"} {
		if v, ok := s[k]; ok {
			s[k] = values(v)
		}
	}
	for _, k := range []string{"Principal", "NotPrincipal"} {
		if m, ok := s[k].(map[string]any); ok {
			eachValue(m)
		}
	}
	if operators, ok := s["Condition"].(map[string]any); ok {
		for _, keys := range operators {
			if m, ok := keys.(map[string]any); ok {
				eachValue(m)
			}
		}
	}
	return s
}

func eachValue(m map[string]any) {
	for k, v := range m {
		m[k] = values(v)
	}
}

// values makes a sorted list of texts of what IAM takes as one value or many.
func values(v any) []string {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	out := make([]string, len(list))
	for i, item := range list {
		out[i] = fmt.Sprint(item) // IAM takes true and "true", 5 and "5" alike
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// samePolicy says that two policies mean the same. What cannot be read is different.
func samePolicy(a, b string) bool {
	x, errX := canonical(a)
	y, errY := canonical(b)
	return errX == nil && errY == nil && x == y
}
