package studio

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// drawn are the fields of a form as its page draws them. What stands above the
// form leads to those with a fault, and is drawn before them.
type drawn struct {
	fields []field
	whole  bool
}

// add notes a field; of a form without faults, nil, nobody asks for it.
func (d *drawn) add(f field) {
	if d != nil && !d.whole && f.Kind != "hidden" {
		d.fields = append(d.fields, f)
	}
}

// place is where a field stands in the form; -1: nowhere.
func (d *drawn) place(name string) int {
	return slices.IndexFunc(d.fields, func(f field) bool { return f.Name == name })
}

// drawContent draws what stands between head and foot of a page. Where a form has
// faults it does so a second time, when the fields of the form are known.
func (v *visit) drawContent(out io.Writer, w view) error {
	var first bytes.Buffer
	if err := v.look.draw(&first, w.page.template, w); err != nil {
		return err
	}
	if len(v.unnamed) == 0 {
		_, err := out.Write(first.Bytes())
		return err
	}
	for _, d := range v.unnamed {
		d.whole = true
	}
	v.unnamed = nil
	return v.look.draw(out, w.page.template, w)
}

// FormProblem is the fault above a form: links to the fields beside which stands
// what is wrong with them, and in full what has no field on the page.
func (w view) FormProblem(f form) *problem {
	switch {
	case len(f.faults) == 0:
		return w.problem(f.err)
	case !f.drawn.whole:
		w.unnamed = append(w.unnamed, f.drawn)
		return nil
	}
	p := w.problem(f.err)
	if fault.KindOf(f.err) != fault.Invalid || p.AWS != nil || p.Detail != "" {
		return p
	}
	var rest []string
	for _, each := range eachOf(f.err) {
		i := f.drawn.place(fieldOf(each))
		if i < 0 {
			rest = append(rest, told(fault.From(each)))
			continue
		}
		if marked := f.drawn.fields[i]; !slices.ContainsFunc(p.Marked, func(m field) bool { return m.Name == marked.Name }) {
			p.Marked = append(p.Marked, marked)
		}
	}
	slices.SortFunc(p.Marked, func(a, b field) int { return cmp.Compare(f.drawn.place(a.Name), f.drawn.place(b.Name)) })
	if p.Message = strings.Join(rest, " "); p.Message == "" {
		p.Remedy = "" // it stands beside the field
	}
	return p
}

// told says a fault that has no field on the page: the control API's with the
// name of its parameter in words, Studio's own says itself what it is of.
func told(f *fault.Error) string {
	text := strings.TrimPrefix(f.Message, fieldOf(f)+": ")
	if place, name, found := strings.Cut(f.Param, "."); found && (place == "body" || place == "query") {
		return capital(strings.NewReplacer("_", " ", ".", " ").Replace(name)) + ": " + sentence(text)
	}
	return sentence(text)
}
