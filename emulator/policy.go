package emulator

import (
	"errors"
	"fmt"
	"strings"
)

// policy is an identity policy, read strictly: an element, operator, key or
// variable that the emulator would have to ignore is an error when the policy
// is added, because an ignored condition is a wider right than was written.
type policy struct{ statements []statement }

// statement is one grant or denial.
type statement struct {
	allow        bool
	actions      []string // lower case, with * and ?
	notActions   bool
	resources    []string
	notResources bool
	conditions   []condition
}

func parsePolicies(documents []string) ([]*policy, error) {
	var list []*policy
	for i, doc := range documents {
		p, err := parsePolicy([]byte(doc))
		if err != nil {
			return nil, fmt.Errorf("policy %d: %w", i+1, err)
		}
		list = append(list, p)
	}
	return list, nil
}

func parsePolicy(doc []byte) (*policy, error) {
	p := &policy{}
	err := eachStatement(doc, func(v value) error {
		st, err := parseStatement(v)
		p.statements = append(p.statements, st)
		return err
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// eachStatement reads what every policy document has around its statements, and
// gives each of them to read.
func eachStatement(doc []byte, read func(value) error) error {
	v, err := parseJSON(doc)
	if err != nil {
		return err
	}
	if v.kind != kindObject {
		return errors.New("not a JSON object")
	}
	n := 0
	for _, m := range v.members {
		switch m.name {
		case "Version":
			if m.value.text != "2012-10-17" {
				return errors.New(`its Version is not "2012-10-17"`)
			}
		case "Id":
		case "Statement":
			for _, s := range oneOrMore(m.value) {
				n++
				if err := read(s); err != nil {
					return fmt.Errorf("statement %d: %w", n, err)
				}
			}
		default:
			return fmt.Errorf("element %q is not understood", m.name)
		}
	}
	if _, ok := v.member("Version"); !ok || n == 0 {
		return errors.New("needs Version and at least one Statement")
	}
	return nil
}

func parseStatement(v value) (s statement, err error) {
	if v.kind != kindObject {
		return s, errors.New("not a JSON object")
	}
	var effect string
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
			s.actions, err = patterns(m.value, checkAction)
		case "Resource", "NotResource":
			if s.resources != nil {
				return s, errors.New("has both Resource and NotResource")
			}
			s.notResources = m.name == "NotResource"
			s.resources, err = patterns(m.value, checkResource)
		case "Condition":
			s.conditions, err = parseConditions(m.value, knownKey)
		default:
			err = fmt.Errorf("element %q is not understood in an identity policy", m.name)
		}
		if err != nil {
			return s, err
		}
	}
	if (effect != "Allow" && effect != "Deny") || s.actions == nil || s.resources == nil {
		return s, errors.New("needs Effect (Allow or Deny), Action or NotAction, and Resource or NotResource")
	}
	s.allow = effect == "Allow"
	return s, nil
}

// oneOrMore is a list's items, or the value itself where IAM lets one stand
// for a list.
func oneOrMore(v value) []value {
	if v.kind == kindArray {
		return v.items
	}
	return []value{v}
}

func patterns(v value, check func(string) (string, error)) ([]string, error) {
	var list []string
	for _, item := range oneOrMore(v) {
		if item.kind != kindString || item.text == "" {
			return nil, errors.New("a pattern is not a text")
		}
		if strings.Contains(item.text, "${") {
			return nil, errors.New("policy variables are not understood")
		}
		text, err := check(item.text)
		if err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	if list == nil {
		return nil, errors.New("an empty list")
	}
	return list, nil
}

func checkAction(s string) (string, error) {
	if s == "*" {
		return s, nil
	}
	service, name, ok := strings.Cut(s, ":")
	if !ok || service == "" || name == "" || strings.ContainsAny(service, "*?") {
		return "", fmt.Errorf("action %q is not service:name", s)
	}
	return strings.ToLower(s), nil
}

func checkResource(s string) (string, error) {
	if s == "*" {
		return s, nil
	}
	if _, err := parseARN(s); err != nil {
		return "", fmt.Errorf("resource %w", err)
	}
	return s, nil
}
