package studio

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// scope is what API keys and trusted issuers have alike: what their callers may
// use, how much of it, and what it is accounted under.
type scope struct {
	Environments, Models []string // empty: all
	Limits               wire.Limits
	Tags                 map[string]string
}

// scopeFields are the choices that the form of a scope offers.
type scopeFields struct {
	// Environments and Models are to be ticked, or where there are too many, written on lines.
	Environments, Models           []option
	WriteEnvironments, WriteModels bool
	// BoundEnvironments and BoundModels: the thing has a list now, and ticking none
	// does not lift it. A box of its own does.
	BoundEnvironments, BoundModels bool
}

// scopeTicks is how many environments or models there may be to be ticked.
const scopeTicks = 40

// scopeFields are the choices of a form, with those that were chosen before
// although they are not there any more.
func (v *visit) scopeFields(had scope) scopeFields {
	f := scopeFields{BoundEnvironments: len(had.Environments) > 0, BoundModels: len(had.Models) > 0}
	environments, err := v.api.EnvironmentPage(v.ctx(), v.Org.ID, client.List{Limit: scopeTicks})
	f.WriteEnvironments = err != nil || environments.Next != ""
	for _, e := range environments.Items {
		f.Environments = append(f.Environments, option{Value: e.ID, Label: clip(64, e.Name), Hint: e.Region})
	}
	f.Environments = withChosen(f.Environments, had.Environments, "deleted")
	models, err := v.api.CallableModelPage(v.ctx(), v.Org.ID, client.List{Limit: scopeTicks})
	f.WriteModels = err != nil || models.Next != ""
	for _, m := range models.Items {
		f.Models = append(f.Models, option{Value: m.Name, Label: clip(120, m.Name)})
	}
	f.Models = withChosen(f.Models, had.Models, "currently unavailable")
	return f
}

func withChosen(options []option, chosen []string, hint string) []option {
	for _, c := range chosen {
		if !slices.ContainsFunc(options, func(o option) bool { return o.Value == c }) {
			options = append(options, option{Value: c, Label: clip(120, c), Hint: hint})
		}
	}
	return options
}

// readScope reads a form's scope; had is what the thing has now, nothing for a new
// one. What cannot be read is noted at its field, and refused there by the API.
func readScope(f form, had scope, faults *fault.Inputs) scope {
	return scope{
		Environments: typedList(f, "environments", had.Environments, faults), Models: typedList(f, "models", had.Models, faults),
		Limits: wire.Limits{
			PerMinute:  typedNumber(f, "limits.requests_per_minute", faults),
			Concurrent: typedNumber(f, "limits.max_concurrent", faults),
		},
		Tags: typedTags(f, faults),
	}
}

// values puts the scope into the fields of a form.
func (s scope) values(into map[string][]string, fields scopeFields) {
	into["environments"], into["models"] = s.Environments, s.Models
	if fields.WriteEnvironments {
		into["environments"] = []string{strings.Join(s.Environments, "\n")}
	}
	if fields.WriteModels {
		into["models"] = []string{strings.Join(s.Models, "\n")}
	}
	into["limits.requests_per_minute"] = []string{positive(s.Limits.PerMinute)}
	into["limits.max_concurrent"] = []string{positive(s.Limits.Concurrent)}
	into["tags"] = []string{tagLines(s.Tags)}
}

// all is a list as the API wants it in a change: none are all.
func all(list []string) *[]string {
	if len(list) == 0 {
		list = []string{"*"}
	}
	return &list
}

// same reports whether two lists choose the same.
func same(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// typedList reads environments or models; none are all. What had a list keeps one
// until its box "every" is ticked: unticking the last must not open everything.
func typedList(f form, name string, had []string, faults *fault.Inputs) []string {
	list := typedWords(f.Values(name))
	if len(had) == 0 {
		return list
	}
	if f.Has("every_"+name, "on") {
		return nil
	}
	if len(list) == 0 {
		pick := "tick"
		if _, written := f.values[name]; written { // boxes that are not ticked send nothing, lines always
			pick = "write"
		}
		faults.Add(name, "%s at least one, or choose every %s, those to come too", pick, strings.TrimSuffix(name, "s"))
		return refusedList()
	}
	return list
}

// typedWords are what was ticked, or written on lines, parted by spaces or commas.
func typedWords(values []string) []string {
	var out []string
	for _, v := range values {
		out = append(out, strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })...)
	}
	return out
}

func typedNumber(f form, name string, faults *fault.Inputs) int {
	text := strings.TrimSpace(f.Value(name))
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		faults.Add(name, "enter a whole number, or leave empty for no limit")
		return refusedNumber
	}
	return n
}

// typedTags reads tags as name = value, one a line.
func typedTags(f form, faults *fault.Inputs) map[string]string {
	tags := map[string]string{}
	for line := range strings.Lines(f.Value("tags")) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		_, twice := tags[name]
		switch {
		case !ok || name == "":
			faults.Add("tags", "enter each tag on its own line, as name = value")
			return refusedTags()
		case twice:
			faults.Add("tags", "the tag %s is there twice", name)
			return refusedTags()
		}
		tags[name] = strings.TrimSpace(value)
	}
	return tags
}

// tagLines writes tags as [typedTags] reads them.
func tagLines(tags map[string]string) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		all = append(all, name+" = "+tags[name])
	}
	return strings.Join(all, "\n")
}

func positive(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// limitsText says limits in a few words.
func limitsText(l wire.Limits) string {
	var parts []string
	if l.PerMinute > 0 {
		parts = append(parts, thousands(l.PerMinute)+" per minute")
	}
	if l.Concurrent > 0 {
		parts = append(parts, thousands(l.Concurrent)+" concurrent")
	}
	return cmp.Or(strings.Join(parts, ", "), "none")
}
