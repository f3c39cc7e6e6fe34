package studio

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// form is what was typed, and what is wrong with it. The zero value is an empty one.
type form struct {
	values url.Values
	// sent forms are what a person typed: a box that is not in them is not ticked.
	sent   bool
	faults map[string]string
	err    error
	drawn  *drawn // of a form with faults
}

// form returns what was typed.
func (v *visit) form() form { return form{values: v.posted(), sent: true} }

// filled is a form that starts with values.
func filled(values map[string]string) form {
	f := form{values: url.Values{}}
	for name, value := range values {
		f.values.Set(name, value)
	}
	return f
}

// Value is what stands in a field; Values are those of several with one name.
func (f form) Value(name string) string { return f.values.Get(name) }

// Values are the values of a field that has several.
func (f form) Values(name string) []string { return f.values[name] }

// Has reports whether a box of the name with the value is ticked.
func (f form) Has(name, value string) bool {
	for _, v := range f.values[name] {
		if v == value {
			return true
		}
	}
	return false
}

// Fault is what is wrong with a field; "" when nothing is.
func (f form) Fault(name string) string { return f.faults[name] }

// with is the form with what is wrong with it: what has a field of the same name
// stands beside that, and above the form what has none.
func (f form) with(err error) form {
	if code(err) == "idempotency_mismatch" {
		err = madeOtherwise()
	}
	f.err = err
	f.faults, f.drawn = faultsOf(err), &drawn{}
	return f
}

// Err is the fault to be drawn above the form.
func (f form) Err() error { return f.err }

// again draws the page of a form that was refused, with the status of the fault.
func again(p page, err error) (answer, error) {
	if code(err) == "already_done" {
		return alreadyDone(p), nil
	}
	switch fault.KindOf(err) {
	case fault.Unauthenticated, fault.NotFound:
		return nil, err
	default:
	}
	return p.refused(err), nil
}

// field is one field of a form as the template "field" draws it.
type field struct {
	Name, Label, Hint, Value, Fault, Placeholder, Kind, Autocomplete string
	Required, Autofocus, Mono                                        bool
	Rows, Max                                                        int
	Options                                                          []option
	form                                                             form
}

// option is one choice of a select or a group of boxes.
type option struct {
	Value, Label, Hint string
	Chosen             bool
}

// ID ties the label to the field.
func (f field) ID() string {
	return "field-" + strings.NewReplacer(".", "-", "[", "-", "]", "").Replace(f.Name)
}

// Described names what describes the field; "" when nothing does.
func (f field) Described() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID()+"-hint")
	}
	if f.Fault != "" {
		ids = append(ids, f.ID()+"-fault")
	}
	return strings.Join(ids, " ")
}

// newField makes a field of a form: its name and label, and pairs of further
// properties: "kind" (text, password, email, url, number, date, textarea, select,
// boxes, box, search), "hint", "placeholder", "autocomplete", "value" (where
// nothing was typed), "options" ([]option), "rows", "max", "required",
// "autofocus", "mono" (true).
func newField(f form, name, label string, pairs ...any) (field, error) {
	out := field{Name: name, Label: label, Kind: "text", Value: f.Value(name), Fault: f.Fault(name), form: f}
	if len(pairs)%2 != 0 {
		return out, fmt.Errorf("field %s: a property has no value", name)
	}
	for i := 0; i < len(pairs); i += 2 {
		if err := out.set(pairs[i], pairs[i+1]); err != nil {
			return out, fmt.Errorf("field %s: %w", name, err)
		}
	}
	if _, named := f.values[name]; f.sent || named {
		for i, o := range out.Options {
			out.Options[i].Chosen = f.Has(name, o.Value)
		}
	}
	f.drawn.add(out)
	return out, nil
}

func (f *field) set(property, value any) error {
	texts := map[string]*string{
		"kind": &f.Kind, "hint": &f.Hint, "placeholder": &f.Placeholder, "autocomplete": &f.Autocomplete,
	}
	flags := map[string]*bool{"required": &f.Required, "autofocus": &f.Autofocus, "mono": &f.Mono}
	numbers := map[string]*int{"rows": &f.Rows, "max": &f.Max}
	name := fmt.Sprint(property)
	switch value := value.(type) {
	case string:
		if name == "value" {
			if _, typed := f.form.values[f.Name]; !typed {
				f.Value = value
			}
			return nil
		}
		if to := texts[name]; to != nil {
			*to = value
			return nil
		}
	case bool:
		if to := flags[name]; to != nil {
			*to = value
			return nil
		}
	case int:
		if to := numbers[name]; to != nil {
			*to = value
			return nil
		}
	case []option:
		if name == "options" {
			f.Options = append([]option{}, value...)
			return nil
		}
	}
	return fmt.Errorf("no property %s of %T", name, value)
}

// Ticked reports whether a single box is.
func (f field) Ticked() bool { return f.Value == "on" || f.Value == "true" }
