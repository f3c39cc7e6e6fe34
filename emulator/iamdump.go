package emulator

import (
	"encoding/json"
	"maps"
	"slices"
	"sort"
	"strings"
)

// IAMState is all that IAM holds, in a form that two runs can be compared by:
// without dates and random ids, sorted, and with policies spelled one way.
type IAMState struct {
	Providers []IAMProviderState `json:"providers"`
	Roles     []IAMRoleState     `json:"roles"`
	Policies  []IAMPolicyState   `json:"policies"`
}

// IAMProviderState is an OpenID Connect provider in an IAMState.
type IAMProviderState struct {
	ARN         string            `json:"arn"`
	URL         string            `json:"url"` // without "https://"
	ClientIDs   []string          `json:"clientIds"`
	Thumbprints []string          `json:"thumbprints"`
	Tags        map[string]string `json:"tags"`
}

// IAMRoleState is a role in an IAMState.
type IAMRoleState struct {
	ARN               string                     `json:"arn"`
	Description       string                     `json:"description"`
	MaxSessionSeconds int                        `json:"maxSessionSeconds"`
	Boundary          string                     `json:"boundary"` // ARN, "" for none
	Trust             json.RawMessage            `json:"trust"`
	Inline            map[string]json.RawMessage `json:"inline"`
	Attached          []string                   `json:"attached"` // ARNs
	Tags              map[string]string          `json:"tags"`
}

// IAMPolicyState is a customer's managed policy in an IAMState.
type IAMPolicyState struct {
	ARN         string            `json:"arn"`
	Description string            `json:"description"`
	Document    json.RawMessage   `json:"document"` // of the version in force
	Tags        map[string]string `json:"tags"`
}

// IAM is a copy of what IAM holds, of all accounts. In policies every element
// that may be one text or a list of texts is a sorted list, and members are in
// order of their names.
func (e *Emulator) IAM() IAMState {
	e.iam.mu.RLock()
	defer e.iam.mu.RUnlock()
	state := IAMState{Providers: []IAMProviderState{}, Roles: []IAMRoleState{}, Policies: []IAMPolicyState{}}
	for _, p := range e.iam.providers {
		state.Providers = append(state.Providers, IAMProviderState{
			ARN: p.ARN, URL: p.URL, ClientIDs: sortedTexts(p.ClientIDs), Thumbprints: sortedTexts(p.Thumbprints), Tags: tagsByKey(p.Tags),
		})
	}
	for _, r := range e.iam.roles {
		shown := IAMRoleState{
			ARN: r.ARN, Description: r.Description, MaxSessionSeconds: int(r.MaxSession.Seconds()), Boundary: r.Boundary,
			Trust: canonicalPolicy(r.TrustPolicy), Inline: map[string]json.RawMessage{}, Attached: sortedTexts(r.Attached), Tags: tagsByKey(r.Tags),
		}
		for name, document := range r.Inline {
			shown.Inline[name] = canonicalPolicy(document)
		}
		state.Roles = append(state.Roles, shown)
	}
	for _, p := range e.iam.policies {
		state.Policies = append(state.Policies, IAMPolicyState{
			ARN: p.ARN, Description: p.Description, Document: canonicalPolicy(p.Document()), Tags: tagsByKey(p.Tags),
		})
	}
	slices.SortFunc(state.Providers, func(a, b IAMProviderState) int { return strings.Compare(a.ARN, b.ARN) })
	slices.SortFunc(state.Roles, func(a, b IAMRoleState) int { return strings.Compare(a.ARN, b.ARN) })
	slices.SortFunc(state.Policies, func(a, b IAMPolicyState) int { return strings.Compare(a.ARN, b.ARN) })
	return state
}

func sortedTexts(list []string) []string {
	sorted := append([]string{}, list...)
	slices.Sort(sorted)
	return sorted
}

func tagsByKey(tags []Tag) map[string]string {
	byKey := make(map[string]string, len(tags))
	for _, t := range tags {
		byKey[t.Key] = t.Value
	}
	return byKey
}

// canonicalPolicy writes a policy in its one spelling. What is no JSON, which
// the state never holds, comes back as a text.
func canonicalPolicy(document string) json.RawMessage {
	document = strings.ToValidUTF8(document, "\uFFFD")
	var v any
	if json.Unmarshal([]byte(document), &v) != nil {
		v = document
	}
	if top, ok := v.(map[string]any); ok {
		top["Statement"] = asList(top["Statement"], false)
		for _, s := range top["Statement"].([]any) {
			if statement, ok := s.(map[string]any); ok {
				canonicalStatement(statement)
			}
		}
	}
	text, err := json.Marshal(v) // sorts members
	if err != nil {
		return json.RawMessage("null") // values that came from JSON always go back
	}
	return text
}

func canonicalStatement(s map[string]any) {
	for _, name := range []string{"Action", "NotAction", "Resource", "NotResource"} {
		if v, ok := s[name]; ok {
			s[name] = asList(v, true)
		}
	}
	principals, _ := s["Principal"].(map[string]any)
	conditions, _ := s["Condition"].(map[string]any)
	lists := []map[string]any{principals}
	for _, operator := range slices.Sorted(maps.Keys(conditions)) {
		keys, _ := conditions[operator].(map[string]any)
		lists = append(lists, keys)
	}
	for _, members := range lists {
		for name, v := range members {
			members[name] = asList(v, true)
		}
	}
}

// asList is a list, or the value as a list of one; sorted when its order means
// nothing.
func asList(v any, unordered bool) []any {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	if unordered {
		sort.SliceStable(list, func(i, j int) bool {
			a, _ := list[i].(string)
			b, _ := list[j].(string)
			return a < b
		})
	}
	return list
}
