package studio

import (
	"strings"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/ident"
)

// remedyOf is what somebody who looks at Studio can do about a thing that needs
// attention: a page of Studio where there is one for it, in place of the API's
// command. Who may not do it is told who may.
func (v *visit) remedyOf(a wire.Attention) (words string, way link) {
	kind, _, _ := strings.Cut(a.Target, "_")
	needs := map[string]access.Permission{
		string(ident.Environment): access.Setup, string(ident.Key): access.WriteKey, string(ident.Trust): access.WriteTrust, string(ident.Budget): access.WriteBudget,
	}[kind]
	if kind == string(ident.Environment) {
		switch a.State {
		case "failing":
			needs, way = access.Diagnose, link{Label: "Diagnose", URL: v.At("environments", a.Target, "diagnosis")}
		case "unsafe": // its own page has the policy that mends it
			way = link{Label: "Restrict the role", URL: v.At("environments", a.Target)}
		case "pending":
			way = link{Label: "Continue setup", URL: v.At("environments", a.Target, "setup")}
		}
	}
	switch {
	case needs != "" && !v.May(needs):
		return "Ask an admin of this organization.", link{}
	case way.URL != "":
		return "", way
	}
	return a.Remedy, link{}
}
