package spicepod

import (
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
)

// bind ties every alias to its anchor, in the order of the document, and
// reports whether all could be tied. Anchors count from their end on, so that
// no alias can lie inside of what it stands for.
func (r *reader) bind(n ast.Node) bool {
	b := &binder{named: map[string]ast.Node{}, grower: &r.grower}
	b.walk(n)
	for _, alias := range b.unknown {
		at := place(alias.GetToken())
		at.width += utf8.RuneCountInString(aliasName(alias.Value))
		// What looks like an alias may be a secret without quotes, so the message does not quote it.
		r.fault(at, "there is no anchor of this name before the alias").remedy("Define it above, or put the value in quotes if no alias is meant.")
	}
	return len(b.unknown) == 0
}

type binder struct {
	named   map[string]ast.Node
	unknown []*ast.AliasNode
	grower  *grower
}

func (b *binder) walk(n ast.Node) {
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			b.walk(v)
		}
	case *ast.MappingValueNode:
		b.walk(n.Key)
		b.walk(n.Value)
	case *ast.MappingKeyNode:
		b.walk(n.Value)
	case *ast.SequenceNode:
		for _, v := range n.Values {
			b.walk(v)
		}
	case *ast.TagNode:
		b.walk(n.Value)
	case *ast.AnchorNode:
		b.walk(n.Value)
		b.named[aliasName(n.Name)] = n.Value
	case *ast.AliasNode:
		target, ok := b.named[aliasName(n.Value)]
		if !ok {
			b.unknown = append(b.unknown, n)
			return
		}
		if b.grower.anchors == nil {
			b.grower.anchors = map[*ast.AliasNode]ast.Node{}
		}
		b.grower.anchors[n] = target
	}
}

func aliasName(n ast.Node) string {
	if n == nil {
		return ""
	}
	return n.GetToken().Value
}

// limitFault notes that aliases blow the file up, once.
func (r *reader) limitFault() {
	if at := r.grower.tooBig; at != nil && !r.limited {
		r.limited = true
		r.fault(*at, "aliases expand this part of the file to more than %d nodes or %d levels", maxNodes, maxDepth).
			remedy("Use fewer aliases of aliases; a Spicepod has a few hundred nodes.")
	}
}
