package studio

import (
	"slices"
	"strconv"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// environmentEdit is what the edit form draws.
type environmentEdit struct {
	Env  wire.Environment
	Form form
	// Differ are the fields that somebody else changed, or that the person did,
	// since the form was opened; empty while nobody was faster.
	Differ []difference
}

// difference is a field as the person has it, and as it is.
type difference struct{ Label, Yours, Now string }

func (environmentEdit) Regions() []region { return regions() }

// Sessions are the lengths that a session may have, and the one that it has.
func (d environmentEdit) Sessions() []option {
	lengths := []int{900, 1800, 3600, 7200, 14400, 28800, 43200}
	if n := d.Env.SessionSeconds; n > 0 && !slices.Contains(lengths, n) {
		lengths = append(lengths, n)
		slices.Sort(lengths)
	}
	out := make([]option, len(lengths))
	for i, n := range lengths {
		out[i] = option{Value: strconv.Itoa(n), Label: seconds(n)}
	}
	return out
}

// SessionNames are what sessions may be named after.
func (environmentEdit) SessionNames() []option {
	return []option{
		{Value: "key", Label: "The caller", Hint: "One session per API key or trusted token. CloudTrail shows who made each call."},
		{Value: "user", Label: "The caller's user", Hint: "One session per user named in requests; requests without one use the caller's."},
		{Value: "environment", Label: "The environment", Hint: "One session for all. Fewest calls to STS, but callers cannot be distinguished."},
	}
}

func (v *visit) editPage(d environmentEdit) page {
	return v.ofEnvironment(d.Env, page{template: "environment-edit", title: "Edit " + d.Env.Name, data: d})
}

func (s *studio) editEnvironment(v *visit, e wire.Environment) (answer, error) {
	return v.editPage(environmentEdit{Env: e, Form: formOf(e)}), nil
}

// editTries is how often a change is made anew because what the server itself
// notes of an environment, such as its state, came between reading and writing.
const editTries = 3

// changeEnvironment sends what the form changes. A form that was opened before
// somebody else's change is drawn again, with both.
func (s *studio) changeEnvironment(v *visit, e wire.Environment) (answer, error) {
	typed := v.form()
	for try := 1; ; try++ {
		if typed.Value("opened") != fingerprint(e) {
			return v.overtaken(e, typed)
		}
		patch, unread := environmentPatch(typed, formOf(e))
		changed, err := v.api.UpdateEnvironment(client.IfMatch(v.ctx(), e.Version), v.Org.ID, e.ID, patch)
		if err = together(unread, err); err == nil {
			return v.saved(e, changed), nil
		}
		if fault.From(err).Code == "conflict" && try < editTries {
			if e, err = v.api.Environment(v.ctx(), v.Org.ID, e.ID); err != nil {
				return nil, err
			}
			continue
		}
		return again(v.editPage(environmentEdit{Env: e, Form: withoutSecret(typed, e).with(err)}), err)
	}
}

// saved leads on after a change: what AWS trusts is another then has to be checked.
func (v *visit) saved(before, now wire.Environment) answer {
	to, notice := v.At("environments", now.ID), "Saved"+and(now.Advice)+"."
	if now.State == "pending" && before.State != "pending" && now.RoleARN != "" && v.May(access.TryExchange) {
		to = v.At("environments", now.ID, "setup")
		notice += " The role must be checked before the next call."
	}
	return moved{to: to, notice: notice}
}

// overtaken draws a form that somebody else was faster than: nothing of it is
// lost, and sent once more it is saved over what is there.
func (v *visit) overtaken(e wire.Environment, typed form) (answer, error) {
	typed = withoutSecret(typed, e)
	err := fault.New(fault.Invalid, "someone else changed this environment after you opened the form, and your changes are not saved yet").
		WithCode("conflict").WithRemedy("Review the differences below, then save again to overwrite theirs.")
	d := environmentEdit{Env: e, Form: typed.with(err), Differ: differences(typed, formOf(e))}
	d.Form.values.Set("opened", fingerprint(e))
	return again(v.editPage(d), err)
}

// differences are the fields in which two forms differ, in the order of the form.
func differences(yours, now form) []difference {
	var out []difference
	for _, f := range []pair{
		{"name", "Name"}, {"description", "Description"}, {"region", "Region"}, {"role_arn", "Role ARN"}, {"audiences", "Audiences"},
		{"session_seconds", "Session duration in seconds"}, {"session_name", "Sessions named after"}, {"session_tags", "Session tags"},
		{"limits.requests_per_minute", "Requests per minute"}, {"limits.max_concurrent", "Concurrent requests"}, {"models", "Models"}, {"tags", "Tags"},
	} {
		if y, n := lines(yours.Value(f.Name)), lines(now.Value(f.Name)); !slices.Equal(y, n) {
			out = append(out, difference{f.Value, joined(y), joined(n)})
		}
	}
	return out
}

// joined is a list in one line; "nothing" for none.
func joined(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	text := list[0]
	for _, l := range list[1:] {
		text += ", " + l
	}
	return text
}
