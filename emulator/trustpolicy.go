package emulator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// trustPolicy says who may assume a role.
type trustPolicy struct{ statements []trustStatement }

// trustStatement is a statement about principals instead of resources.
type trustStatement struct {
	statement
	everyone  bool     // "*", which a denial takes at its word and a grant does not
	federated []string // provider ARNs and names
}

// parseTrustPolicy reads a role's trust policy as strictly as parsePolicy
// reads an identity policy, but takes any condition key: one that a request
// does not have is absent.
func parseTrustPolicy(doc []byte) (*trustPolicy, error) {
	t := &trustPolicy{}
	err := eachStatement(doc, func(v value) error {
		st, err := parseTrustStatement(v)
		t.statements = append(t.statements, st)
		return err
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

func parseTrustStatement(v value) (s trustStatement, err error) {
	if v.kind != kindObject {
		return s, errors.New("not a JSON object")
	}
	var effect string
	principals := false
	for _, m := range v.members {
		switch m.name {
		case "Sid":
		case "Effect":
			effect = m.value.text
		case "Action", "NotAction":
			if s.actions != nil {
				return s, errors.New("has both Action and NotAction")
			}
			s.notActions = m.name == "NotAction"
			s.actions, err = patterns(m.value, checkTrustAction)
		case "Principal":
			principals = true
			err = s.readPrincipal(m.value)
		case "Condition":
			s.conditions, err = parseConditions(m.value, nil)
		case "Resource", "NotResource":
			err = errors.New("Has prohibited field " + m.name)
		default:
			err = fmt.Errorf("element %q is not understood in a trust policy", m.name)
		}
		if err != nil {
			return s, err
		}
	}
	if (effect != "Allow" && effect != "Deny") || s.actions == nil || !principals {
		return s, errors.New("needs Effect (Allow or Deny), Action or NotAction, and Principal")
	}
	s.allow = effect == "Allow"
	return s, nil
}

// checkTrustAction is checkAction for the only service that trust is about.
func checkTrustAction(s string) (string, error) {
	s, err := checkAction(s)
	if err == nil && s != "*" && !strings.HasPrefix(s, "sts:") {
		err = fmt.Errorf("action %q is not one of sts", s)
	}
	return s, err
}

// readPrincipal keeps who can come with a token; accounts, services and users
// are read and never match one.
func (s *trustStatement) readPrincipal(v value) error {
	if v.kind == kindString && v.text == "*" {
		s.everyone = true
		return nil
	}
	if v.kind != kindObject || len(v.members) == 0 {
		return errors.New("its Principal is neither * nor a JSON object")
	}
	for _, m := range v.members {
		list, err := patterns(m.value, func(s string) (string, error) { return s, nil })
		if err != nil {
			return fmt.Errorf("principal %s: %w", m.name, err)
		}
		switch m.name {
		case "Federated":
			s.federated = append(s.federated, list...)
		case "AWS":
			s.everyone = s.everyone || slices.Contains(list, "*")
		case "Service", "CanonicalUser":
		default:
			return fmt.Errorf("principal %q is not understood", m.name)
		}
	}
	return nil
}

// allows says whether a provider's token may do an action on the role. A
// wildcard principal grants nothing to it, but denies it.
func (t *trustPolicy) allows(action, provider string, f facts) bool {
	allowed := false
	for i := range t.statements {
		s := &t.statements[i]
		named := slices.Contains(s.federated, provider) || (s.everyone && !s.allow)
		if !named || !s.matchesAction(action) || !s.holds(f) {
			continue
		}
		if !s.allow {
			return false
		}
		allowed = true
	}
	return allowed
}
