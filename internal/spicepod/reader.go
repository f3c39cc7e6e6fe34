package spicepod

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/adit-hq/adit/internal/secretstore"
)

// reader walks one file and gathers what it finds, good and bad.
type reader struct {
	file    *File
	src     *source
	dir     string
	environ []string
	grower  grower
	found   []Fault
	limited bool
	// secretless leaves references alone: what they stand for is not needed.
	secretless bool
	// secrets is nil where the stores are faulty; references are then not followed.
	secrets *secretstore.Set
	// misspelt are sections that are there under a name that is nearly theirs.
	misspelt map[string]bool
	// named tells on which line a model's name was first given.
	named map[string]int
}

// sections of a Spicepod that Adit reads.
var own = [...]string{"version", "kind", "name", "secrets", "embeddings"}

// spices are the other sections of a Spicepod (Spice, spicepod.yaml
// reference). They are known here only so that none is taken for a misspelt section of ours.
var spices = [...]string{
	"runtime", "management", "snapshots", "extensions", "metadata", "catalogs", "datasets", "views", "models",
	"rerankers", "search_engines", "tools", "workers", "functions", "dependencies", "evals", "llms",
}

// top reads the sections of the file. Those of others are named and left alone.
func (r *reader) top(doc *ast.MappingNode) {
	sections := r.sections(doc)
	r.version(sections)
	r.kind(sections)
	r.name(sections)
	r.stores(sections["secrets"])
	r.embeddings(sections["embeddings"])
	r.limitFault()
	slices.SortStableFunc(r.file.Ignored, func(a, b Ignored) int { return cmp.Compare(a.Line, b.Line) })
}

// sections returns our sections by name, and notes the others.
func (r *reader) sections(doc *ast.MappingNode) map[string]*node {
	ours := map[string]*node{}
	lines := map[string]int{}
	for _, v := range r.shallow(doc) {
		key, at, _ := keyOf(v.Key)
		if first, again := lines[key]; again {
			r.fault(at, "%q is given twice; first on line %d", key, first).remedy("Keep one of them.")
			continue
		}
		lines[key] = at.line
		switch {
		case slices.Contains(own[:], key):
			n := r.grower.node(v.Value, 0)
			n.at = n.at.or(at)
			ours[key] = n
		case !slices.Contains(spices[:], key) && nearest(key, own[:]) != "":
			near := nearest(key, own[:])
			r.fault(at, "unknown section %q", key).DidYouMean = near
			r.misspelt[near] = true
		default:
			r.ignore(key, at.line, "it is a Spice section")
		}
	}
	return ours
}

// shallow returns the top pairs without growing what lies under them. A merge
// key there would hide which sections the file has.
func (r *reader) shallow(doc *ast.MappingNode) []*ast.MappingValueNode {
	var out []*ast.MappingValueNode
	for _, v := range doc.Values {
		if _, at, isMerge := keyOf(v.Key); isMerge {
			r.fault(at, "a merge key at the top of a Spicepod").remedy("Write the sections out.")
			continue
		}
		out = append(out, v)
	}
	return out
}

// or returns the place, or another one where it is none.
func (s span) or(other span) span {
	if s.line > 0 {
		return s
	}
	return other
}

func (r *reader) ignore(what string, line int, why string, args ...any) {
	r.file.Ignored = append(r.file.Ignored, Ignored{What: what, Line: line, Why: fmt.Sprintf(why, args...)})
}

// version takes v1 and v2, the versions of Spicepods that have `embeddings:` as Adit reads them.
func (r *reader) version(sections map[string]*node) {
	versions := []string{"v1", "v2"}
	if text, ok := r.header(sections, "version", "version: v1"); ok {
		if !slices.Contains(versions, text) {
			r.fault(sections["version"].at, "Adit knows no Spicepod version %q", text).allow(text, versions)
		}
		r.file.Version = text
	}
}

func (r *reader) kind(sections map[string]*node) {
	if text, ok := r.header(sections, "kind", "kind: Spicepod"); ok && text != "Spicepod" {
		r.fault(sections["kind"].at, "the file's kind is %q, not Spicepod", text).allow(text, []string{"Spicepod"})
	}
}

func (r *reader) name(sections map[string]*node) {
	if text, ok := r.header(sections, "name", "name: my-app"); ok {
		r.file.Name = text
	}
}

// header returns the text of one of the three lines that every Spicepod begins with.
func (r *reader) header(sections map[string]*node, key, example string) (string, bool) {
	n := sections[key]
	switch {
	case n == nil && r.misspelt[key]:
	case n == nil:
		r.fault(span{}, "%s: is missing", key).remedy("Add the line %s.", example)
	case n.kind != scalar && n.kind != null:
		r.fault(n.at, "%s: is %s", key, n.kind).remedy("Write it as in %s.", example)
	case strings.TrimSpace(n.text) == "":
		r.fault(n.at, "%s: has no value", key).remedy("Write it as in %s.", example)
	default:
		return n.text, true
	}
	return "", false
}
