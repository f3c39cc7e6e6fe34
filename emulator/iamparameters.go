package emulator

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// iamParameters are the parameters of a call, checked by their shapes.
type iamParameters struct {
	text map[string]string   // what was sent, an empty text included
	list map[string][]string // in order of their numbers
	tags []Tag
}

// number is a parameter that the shapes proved to be one, or otherwise.
func (p iamParameters) number(name string, otherwise int) int {
	n, err := strconv.Atoi(p.text[name])
	if err != nil {
		return otherwise
	}
	return n
}

// readIAMParameters reads a form by an operation's list of parameters. All
// that is wrong is told at once, in AWS's own way; a parameter that the
// operation does not have is wrong too, where AWS would pass over it.
func readIAMParameters(takes string, form url.Values) (iamParameters, *awsError) {
	p := iamParameters{text: map[string]string{}, list: map[string][]string{}}
	var faults []string
	known := []string{"Action", "Version"}
	for word := range strings.FieldsSeq(takes) {
		name, required := strings.CutSuffix(word, "!")
		known = append(known, name)
		faults = append(faults, p.read(name, required, form)...)
	}
	for _, name := range sortedKeys(form) {
		base, _, _ := strings.Cut(name, ".")
		if !slices.Contains(known, base) {
			faults = append(faults, "The parameter "+clip(name)+" is not one of this operation")
		} else if len(form[name]) > 1 {
			faults = append(faults, "The parameter "+clip(name)+" is given more than once")
		}
	}
	if len(faults) == 0 {
		return p, p.checkTags()
	}
	noun := "validation errors"
	if len(faults) == 1 {
		noun = "validation error"
	}
	return p, iamError("ValidationError", fmt.Sprintf("%d %s detected: %s", len(faults), noun, strings.Join(faults, "; ")))
}

// read takes one parameter out of the form.
func (p *iamParameters) read(name string, required bool, form url.Values) []string {
	shape := iamShapes()[name]
	member := strings.ToLower(name[:1]) + name[1:]
	if shape.list {
		items, numbered := listItems(name, form)
		switch {
		case !numbered:
			return []string{"Value at '" + member + "' failed to satisfy constraint: its members are not numbered from 1"}
		case name == "Tags":
			return p.readTags(items)
		case required && len(items) == 0 && !form.Has(name):
			return []string{absent(member)}
		}
		var faults []string
		for _, item := range items {
			faults = append(faults, shape.check(member, item[""])...)
			p.list[name] = append(p.list[name], item[""])
		}
		return faults
	}
	if !form.Has(name) {
		if required {
			return []string{absent(member)}
		}
		return nil
	}
	p.text[name] = form.Get(name)
	return shape.check(member, form.Get(name))
}

func absent(member string) string {
	return "Value null at '" + member + "' failed to satisfy constraint: Member must not be null"
}

func (p *iamParameters) readTags(items []map[string]string) (faults []string) {
	shapes := iamShapes()
	for i, item := range items {
		at := fmt.Sprintf("tags.%d.member.", i+1)
		faults = append(faults, shapes["TagKey"].check(at+"key", item["Key"])...)
		faults = append(faults, shapes["TagValue"].check(at+"value", item["Value"])...)
		p.tags = append(p.tags, Tag{item["Key"], item["Value"]})
	}
	return faults
}

// checkTags are the rules of tags that hold between them: AWS compares keys
// without regard to case and keeps the prefix "aws:" for itself.
func (p *iamParameters) checkTags() *awsError {
	seen := map[string]bool{}
	for _, t := range p.tags {
		key := strings.ToLower(t.Key)
		if seen[key] {
			return iamError("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		if strings.HasPrefix(key, "aws:") {
			return iamError("InvalidInput", "Tag keys beginning with aws: are reserved for AWS.")
		}
		seen[key] = true
	}
	if len(p.tags) > maxTags {
		return iamError("LimitExceeded", textTooManyTags)
	}
	return nil
}

// listItems are the members Name.member.1, Name.member.2.Key, ... of a list.
// numbered is false when a number is missing.
func listItems(name string, form url.Values) (items []map[string]string, numbered bool) {
	prefix, found := name+".member.", map[int]map[string]string{}
	for key := range form {
		rest, ok := strings.CutPrefix(key, prefix)
		if !ok {
			continue
		}
		digits, part, _ := strings.Cut(rest, ".")
		n, err := strconv.Atoi(digits)
		if err != nil {
			return nil, false
		}
		if found[n] == nil {
			found[n] = map[string]string{}
		}
		found[n][part] = form.Get(key)
	}
	for n := 1; n <= len(found); n++ {
		if found[n] == nil {
			return nil, false
		}
		items = append(items, found[n])
	}
	return items, true
}

func sortedKeys(form url.Values) []string {
	keys := make([]string, 0, len(form))
	for k := range form {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
