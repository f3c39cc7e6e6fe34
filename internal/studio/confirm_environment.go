package studio

import (
	"slices"

	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// confirmEnvironment is the page before an environment is deleted.
func (s *studio) confirmEnvironment(v *visit, e wire.Environment) (answer, error) {
	return v.deletePage(e, false, form{}), nil
}

// deletePage says what deleting breaks, and what names the environment. An environment that something else still
// names is in use, which has to be agreed to.
func (v *visit) deletePage(e wire.Environment, inUse bool, f form) page {
	c := confirmation{
		What:   "The environment " + e.Name + " is deleted at once and permanently.",
		Breaks: v.deleteBreaks(e), Type: e.Name, TypeWhat: "the environment's name",
		To: v.At("environments", e.ID, "delete"), Button: "Delete " + clip(63, e.Name), Back: v.At("environments", e.ID), Form: f,
	}
	c.Uses = v.environmentUses(e)
	if inUse || slices.ContainsFunc(c.Uses, func(u use) bool { return u.Blocks }) {
		c.Boxes = []box{{Name: "force", Label: "Delete it even though it is in use"}}
	}
	if len(c.Uses) > usesAtOnce {
		c.Uses, c.More = c.Uses[:usesAtOnce], len(c.Uses)-usesAtOnce
	}
	p := c.page("Delete "+e.Name, link{Label: "Environments", URL: v.At("environments")}, link{Label: e.Name, URL: v.At("environments", e.ID)})
	p.section = "environments"
	return p
}

// deleteBreaks are what no longer works once an environment is gone, as far as the environment itself tells.
func (v *visit) deleteBreaks(e wire.Environment) []string {
	out := []string{
		"Its cached credentials are dropped and no new ones are issued. Calls fail within a second.",
		"Its id is never reused. A new environment of this name needs a role that trusts its new id.",
	}
	for i, name := range e.InvokeNames {
		if i == 5 && len(e.InvokeNames) > 6 {
			out = append(out, "And "+plural(len(e.InvokeNames)-5, "more model", "more models")+".")
			break
		}
		out = append(out, "Requests for "+name+" get 404.")
	}
	if e.RoleARN != "" {
		out = append(out, "The role "+roleOf(e.RoleARN)+" stays in AWS. To remove what setup created there, run "+
			"`"+v.Command("aws remove", e)+"` before you delete.")
	}
	return out
}

// deleteEnvironment deletes it. What still names it is shown first, and must be agreed to.
func (s *studio) deleteEnvironment(v *visit, e wire.Environment) (answer, error) {
	force := v.form().Has("force", "on") // of the box that stands there once the API said so
	if err := v.confirmed(e.Name); err != nil {
		return again(v.deletePage(e, force, v.form().with(err)), err)
	}
	if err := v.api.DeleteEnvironment(v.ctx(), v.Org.ID, e.ID, force); err != nil {
		return again(v.deletePage(e, force || fault.From(err).Code == "in_use", v.form().with(err)), err)
	}
	return moved{to: v.At("environments"), notice: "The environment " + e.Name + " is deleted."}, nil
}
