package spicepod

import (
	"fmt"
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/model"
)

// param is one parameter of an entry with its value, references followed.
type param struct {
	value
	name string
	key  span
	at   span
}

func find(params []param, name string) *param {
	for i := range params {
		if params[i].name == name {
			return &params[i]
		}
	}
	return nil
}

// params reads params: of an entry. What has no usable value is noted, and
// returned as unknown, so that it is there for checks that only ask what was given.
func (r *reader) params(n *node) []param {
	section := n.get("params")
	if section == nil || section.kind == null {
		return nil
	}
	if section.kind != mapping {
		r.fault(section.at, "params: is %s, not a mapping", section.kind).remedy("Write one parameter per line, such as aws_region: us-east-1.")
		return nil
	}
	r.repeated(section)
	var out []param
	for _, p := range section.pairs {
		out = append(out, param{name: p.key, key: p.at, at: p.value.at.or(p.at), value: r.paramValue(p)})
	}
	return out
}

func (r *reader) paramValue(p pair) value {
	switch {
	case !slices.Contains(allParams(), p.key):
		// The name is the fault; what is wrong with the value would only hide it.
		return value{unknown: true}
	case p.value.kind == mapping || p.value.kind == sequence:
		r.fault(p.at, "%s is %s", p.key, p.value.kind).remedy("Write a single text or number, or true or false.")
	case p.value.kind == null || strings.TrimSpace(p.value.text) == "":
		r.fault(p.at, "%s has no value", p.key).remedy("Give it a value or omit it.")
	default:
		return r.resolve(p.value.text, p.value.at)
	}
	return value{unknown: true}
}

// familyParams checks what is left once the AWS parameters are taken, and
// fills in the defaults. Without a family only the names can be checked.
func (r *reader) familyParams(f *model.Family, params []param, from span) model.Params {
	set := map[string]string{}
	first := map[string]param{}
	for _, p := range params {
		if _, ok := awsParam(p.name); ok {
			continue
		}
		def, known := familyParam(f, p.name)
		switch {
		case !known:
			r.unknownParam(f, p)
		case first[def.Name].name != "":
			r.fault(p.key, "%s and %s are the same parameter; the first is on line %d", first[def.Name].name, p.name, first[def.Name].key.line).remedy("Keep one of them.")
		default:
			first[def.Name] = p
			if text, ok := r.familyValue(f, def, p); ok {
				set[def.Name] = text
			}
		}
	}
	if f == nil {
		return nil
	}
	resolved, err := f.Resolve(set)
	if err != nil {
		// The values were checked one by one above, so this is about how they go together.
		r.fault(from, "%s", err.Error())
	}
	return resolved
}

// familyParam returns the definition of a parameter; without a family, that of any family that has it.
func familyParam(f *model.Family, name string) (model.Param, bool) {
	if f != nil {
		return f.Param(name)
	}
	for _, f := range model.Families() {
		if p, ok := f.Param(name); ok {
			return p, true
		}
	}
	return model.Param{}, false
}

// familyValue checks one value. Booleans may be written as YAML writes them.
func (r *reader) familyValue(f *model.Family, def model.Param, p param) (string, bool) {
	if f == nil || p.unknown {
		return "", false
	}
	text := p.text
	if def.Kind == model.Bool {
		text = strings.ToLower(text)
	}
	if slices.Contains(def.Values, text) {
		return text, true
	}
	ft := r.fault(p.at, "%s cannot be %s for %s", p.name, p.quote(), f.Title)
	ft.Allowed = def.Values
	if !p.fromSecret && def.Kind != model.Int {
		ft.DidYouMean = nearest(p.text, def.Values)
	}
	return "", false
}

// unknownParam tells whose parameter it is, or what it was most likely meant to be.
func (r *reader) unknownParam(f *model.Family, p param) {
	var owners []string
	for _, other := range model.Families() {
		if _, ok := other.Param(p.name); ok {
			owners = append(owners, other.Title)
		}
	}
	allowed := paramNames(f)
	switch {
	case f == nil:
		r.fault(p.key, "unknown parameter %q", p.name).DidYouMean = nearest(p.name, allParams())
	case len(owners) > 0:
		r.fault(p.key, "%s has no parameter %s; it belongs to %s", f.Title, p.name, list(owners)).Allowed = allowed
	default:
		r.fault(p.key, "%s has no parameter %q", f.Title, p.name).allow(p.name, allowed)
	}
}

func list(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return fmt.Sprintf("%s and %s", strings.Join(names[:len(names)-1], ", "), names[len(names)-1])
}

// paramNames returns the parameters that a bedrock entry of a family may have,
// the family's own first; without a family those of all.
func paramNames(f *model.Family) []string {
	var names []string
	add := func(f *model.Family) {
		for _, p := range f.Params {
			for _, name := range append([]string{p.Name}, p.Aliases...) {
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	if f != nil {
		add(f)
	} else {
		for _, f := range model.Families() {
			add(f)
		}
	}
	for _, p := range awsParams() {
		names = append(names, p.name)
	}
	return names
}

func allParams() []string { return paramNames(nil) }
