package studio

import (
	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

// newEnvironmentForm is what the first step of the path draws.
type newEnvironmentForm struct {
	Form     form
	Steps    []setupStep
	NoIssuer bool // which AWS would have to trust: the next step would end there
}

func (newEnvironmentForm) Regions() []region { return regions() }

func (v *visit) newEnvironmentPage(f form) page {
	return page{
		template: "environment-new", title: "New environment", section: "environments",
		lead:  "Four steps, and no AWS keys. You can leave at any time and continue later.",
		trail: []link{{Label: "Environments", URL: v.At("environments")}},
		data:  newEnvironmentForm{Form: f, Steps: setupSteps(stageName, nil), NoIssuer: v.noIssuer()},
	}
}

// noIssuer reports whether the server is known to have no public URL. Whoever
// may not ask for it learns it from an environment that is there already.
func (v *visit) noIssuer() bool {
	if v.principal.May(access.ReadIssuer, "") {
		keys, err := v.api.SigningKeys(v.ctx())
		return err == nil && keys.Issuer == ""
	}
	p, err := v.api.EnvironmentPage(v.ctx(), v.Org.ID, client.List{Limit: 1})
	return err == nil && len(p.Items) > 0 && p.Items[0].Issuer == ""
}

func (s *studio) newEnvironment(v *visit) (answer, error) {
	return v.newEnvironmentPage(form{}), nil
}

// createEnvironment makes the environment at once, so that it has its id before
// anything is done at AWS, and leads on to the step that needs it.
func (s *studio) createEnvironment(v *visit) (answer, error) {
	made, err := v.api.CreateEnvironment(v.ctx(), v.Org.ID, wire.EnvironmentInput{
		Name: v.typed("name"), Description: v.typed("description"), Region: v.typed("region"),
		SessionTags: v.form().Has("session_tags", "on"),
	})
	if err != nil {
		return again(v.newEnvironmentPage(v.form().with(err)), err)
	}
	return moved{to: v.At("environments", made.ID, "setup"), notice: "Environment " + made.Name + " created. Next, let AWS trust it."}, nil
}
