package spicepod

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/model"
)

// provider is how `from:` begins in an entry that is Adit's.
const provider = "bedrock"

// fields of a bedrock entry, and those that Spice has beside them.
var (
	entryFields = [...]string{"from", "name", "params"}
	spiceFields = [...]string{"files", "datasets", "dependsOn", "metrics", "description", "metadata"}
)

func (r *reader) embeddings(n *node) {
	if n == nil || n.kind == null {
		return
	}
	if n.kind != sequence {
		r.fault(n.at, "embeddings: is %s, not a list of models", n.kind).remedy("Begin each model with - from: bedrock:MODEL_ID.")
		return
	}
	for i, item := range n.items {
		r.entry(fmt.Sprintf("embeddings[%d]", i), item)
	}
}

// entry reads one entry, strictly where it is a bedrock entry.
func (r *reader) entry(what string, n *node) {
	if n.kind != mapping {
		r.fault(n.at, "%s is %s, not a model", what, n.kind).remedy("Write from:, name: and params:.")
		return
	}
	from := n.get("from")
	switch {
	case from == nil && n.get("ref") != nil:
		r.ignore(what, n.at.line, "Adit reads one file and follows no ref:")
	case from == nil:
		r.fault(n.at, "%s has no from:, which names the model", what).remedy("Add from: bedrock:MODEL_ID.")
	case from.kind != scalar || strings.TrimSpace(from.text) == "":
		r.fault(from.at.or(n.at), "from: must be text, such as bedrock:amazon.titan-embed-text-v2:0").remedy("Write from: bedrock:MODEL_ID.")
	case !strings.HasPrefix(from.text, provider+":"):
		r.otherProvider(what, n, from)
	default:
		r.bedrock(what, n, from)
	}
}

// otherProvider leaves an entry alone, unless it was most likely meant to be ours.
func (r *reader) otherProvider(what string, n, from *node) {
	head := from.text
	if i := strings.IndexAny(head, ":/"); i >= 0 {
		head = head[:i]
	}
	rest := strings.TrimLeft(from.text[len(head):], ":/")
	id, err := model.ParseID(from.text)
	if err == nil {
		_, err = model.Find(id, "")
	}
	switch {
	case head == provider && rest == "":
		r.fault(from.at, "from: names no model").remedy("Write from: bedrock:MODEL_ID.")
	case head == provider:
		r.fault(from.at, "provider and model id must be separated by a colon").DidYouMean = provider + ":" + rest
	case nearest(head, []string{provider}) != "":
		r.fault(from.at, "unknown provider %q", head).DidYouMean = provider + ":" + rest
	case err == nil:
		r.fault(from.at, "%q is a Bedrock model id without its provider", from.text).DidYouMean = provider + ":" + from.text
	default:
		r.ignore(what, n.at.line, "Adit serves Bedrock models, not %s", head)
	}
}

// bedrock reads an entry of ours. Everything in it has to be known.
func (r *reader) bedrock(what string, n, from *node) {
	before := len(r.found)
	r.repeated(n)
	m := Model{Line: n.at.line}
	r.entryFields(what, n)
	m.Name = r.modelName(what, n)
	params := r.params(n)
	m.AWS = r.aws(params)
	if id, ok := r.modelID(from); ok {
		m.ID = id
		m.Family = r.family(id, from, params)
		r.region(&m, from, params)
	}
	m.Params = r.familyParams(m.Family, params, from.at)
	if len(r.found) == before && m.Family != nil {
		r.file.Models = append(r.file.Models, m)
	}
}

func (r *reader) entryFields(what string, n *node) {
	for _, p := range n.pairs {
		switch {
		case slices.Contains(entryFields[:], p.key):
		case slices.Contains(spiceFields[:], p.key):
			r.ignore(what+"."+p.key, p.at.line, "it is a Spice field")
		case slices.Contains(allParams(), p.key):
			r.fault(p.at, "%q is a parameter, not a field of the entry", p.key).remedy("Move it under params:.")
		default:
			r.fault(p.at, "an entry of embeddings: has no field %q", p.key).allow(p.key, entryFields[:])
		}
	}
}

// modelName reads name:, which callers use and everybody sees.
func (r *reader) modelName(what string, n *node) string {
	name := n.get("name")
	switch {
	case name == nil && slices.ContainsFunc(n.keys(), func(key string) bool { return nearest(key, entryFields[:]) == "name" }):
		return ""
	case name == nil || name.kind == null:
		r.fault(n.at, "%s has no name:", what).remedy("Add name:, which callers send as model.")
		return ""
	}
	text := name.text
	switch {
	case name.kind != scalar:
		r.fault(name.at, "name: is %s", name.kind).remedy("Write it as text, such as name: titan.")
	case strings.Contains(text, "${"):
		r.fault(name.at, "a name cannot come from a secret, because every caller may see it").remedy("Write the name itself.")
	case text == "" || len(text) > 256 || strings.TrimSpace(text) != text || strings.ContainsFunc(text, unicode.IsControl):
		r.fault(name.at, "a name must have 1 to 256 bytes, without leading or trailing spaces or control characters").remedy("Write it as text, such as name: titan.")
	case r.named[text] > 0:
		r.fault(name.at, "two models are named %q; the first on line %d", text, r.named[text]).remedy("Give one of them another name.")
	default:
		r.named[text] = name.at.line
		return text
	}
	return ""
}

func (r *reader) modelID(from *node) (model.ID, bool) {
	v := r.resolve(strings.TrimPrefix(from.text, provider+":"), from.at)
	if v.unknown {
		return model.ID{}, false
	}
	id, err := model.ParseID(v.text)
	if err != nil {
		r.fromFault(from, v, err)
		return model.ID{}, false
	}
	return id, true
}

// family finds the family of an id. Its words are the catalogue's, unless the id came from a secret.
func (r *reader) family(id model.ID, from *node, params []param) *model.Family {
	name, at := "", from.at
	if p := find(params, "model_family"); p != nil {
		if p.unknown {
			return nil
		}
		name, at = p.text, p.at
	}
	f, err := model.Find(id, name)
	if err == nil {
		return f
	}
	var names []string
	for _, known := range model.Families() {
		names = append(names, known.Name)
	}
	switch ft := fault.From(err); {
	case ft.Code == "model_family" && name != "":
		p := find(params, "model_family")
		if !slices.Contains(names, name) {
			ft := r.fault(at, "model_family cannot be %s", p.quote())
			ft.Allowed = names
			if !p.fromSecret {
				ft.DidYouMean = nearest(name, names)
			}
			break
		}
		r.fault(at, "%s", ft.Message).remedy("%s", ft.Remedy)
	default:
		r.fromFault(from, r.quietly(from), err)
	}
	return nil
}

// quietly tells whether a scalar has references, without following them again.
func (r *reader) quietly(n *node) value {
	return value{text: n.text, fromSecret: strings.Contains(n.text, "${")}
}

func (r *reader) fromFault(from *node, v value, err error) {
	var f *fault.Error
	if v.fromSecret || !errors.As(err, &f) {
		r.fault(from.at, "Adit does not know the model id that the secret completes").remedy("Run adit models for the known ids.")
		return
	}
	r.fault(from.at, "%s", f.Message).remedy("%s", f.Remedy)
}
