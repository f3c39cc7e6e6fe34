package spicepod

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/secretstore"
)

// stores reads `secrets:` and opens its stores. Stores that only Spice knows
// are named and left alone; a reference that needs one is a fault then.
func (r *reader) stores(n *node) {
	before := len(r.found)
	var configs []secretstore.Config
	var places []span
	if n != nil && n.kind != null {
		if n.kind != sequence {
			r.fault(n.at, "secrets: is %s, not a list of stores", n.kind).remedy("Write - from: env and name: env under it.")
			return
		}
		for i, item := range n.items {
			if cfg, ok := r.store(i, item); ok {
				configs = append(configs, cfg)
				places = append(places, item.at)
			}
		}
	}
	if len(r.found) > before {
		return
	}
	set, err := secretstore.Open(configs, r.dir, r.environ)
	var problems secretstore.Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			r.fault(places[p.Store], "%s", p.Message).remedy("%s", p.Remedy)
		}
		return
	}
	r.secrets = set
}

// storeFields are Spice's own fields of a store, which Adit has no use for.
var storeFields = [...]string{"description", "metadata", "dependsOn"}

func (r *reader) store(i int, n *node) (cfg secretstore.Config, ok bool) {
	what := fmt.Sprintf("secrets[%d]", i)
	if n.kind != mapping {
		r.fault(n.at, "%s is %s, not a store", what, n.kind).remedy("Write from: and name:.")
		return cfg, false
	}
	from := n.get("from")
	if from == nil || from.kind != scalar || from.text == "" {
		r.fault(n.at, "%s has no from:", what).allow("", secretstore.Supported())
		return cfg, false
	}
	cfg.From = from.text
	if name := n.get("name"); name != nil && name.kind == scalar {
		cfg.Name = name.text
	}
	if !secretstore.IsSupported(cfg.From) {
		if near := nearest(cfg.From, []string{"env"}); near != "" || strings.HasPrefix(cfg.From, "file") {
			r.fault(from.at, "unknown secret store %q", cfg.From).allow(cfg.From, secretstore.Supported())
			return cfg, false
		}
		r.ignore(what, n.at.line, "Adit does not support the secret store %q; it supports %s", cfg.From, strings.Join(secretstore.Supported(), " and "))
		return cfg, true
	}
	return cfg, r.storeDetails(what, n, &cfg)
}

// storeDetails checks the fields of a store that Adit can ask.
func (r *reader) storeDetails(what string, n *node, cfg *secretstore.Config) bool {
	before := len(r.found)
	r.repeated(n)
	allowed := []string{"from", "name", "params"}
	for _, p := range n.pairs {
		switch {
		case p.key == "params":
			r.storeParams(p, cfg)
		case p.key == "name" && p.value.kind != scalar:
			r.fault(p.at, "the name of %s is %s", what, p.value.kind).remedy("Write name: env.")
		case slices.Contains(storeFields[:], p.key):
			r.ignore(what+"."+p.key, p.at.line, "it is a Spice field")
		case !slices.Contains(allowed, p.key):
			r.fault(p.at, "a secret store has no field %q", p.key).allow(p.key, allowed)
		}
	}
	return len(r.found) == before
}

func (r *reader) storeParams(params pair, cfg *secretstore.Config) {
	switch params.value.kind {
	case null:
		return
	case scalar, sequence:
		r.fault(params.at, "params: is %s, not a mapping", params.value.kind).remedy("Write file_path: .env under it.")
		return
	case mapping:
	}
	r.repeated(params.value)
	for _, p := range params.value.pairs {
		switch {
		case cfg.From != "env":
			r.fault(p.at, "the secret store %s has no parameter %q", cfg.From, p.key).remedy("Omit it.")
		case p.key != "file_path":
			r.fault(p.at, "the secret store env has no parameter %q", p.key).allow(p.key, []string{"file_path"})
		case p.value.kind != scalar || p.value.text == "":
			r.fault(p.at, "file_path has no value").remedy("Name the .env file, or omit file_path: the default is .env next to the Spicepod.")
		default:
			cfg.FilePath = p.value.text
		}
	}
}

// repeated notes every key of a mapping that is there twice.
func (r *reader) repeated(n *node) {
	for _, p := range n.repeated {
		first := 0
		for _, q := range n.pairs {
			if q.key == p.key {
				first = q.at.line
			}
		}
		r.fault(p.at, "%q is given twice; first on line %d", p.key, first).remedy("Keep one of them.")
	}
}
