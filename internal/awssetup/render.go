package awssetup

import (
	"strings"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
)

// Format is a way to set up AWS without Adit touching it.
type Format string

// The formats that [Render] writes.
const (
	// CLI is a bash script that calls the AWS CLI, and may be run again.
	CLI Format = "cli"
	// Terraform is a module for the AWS provider 5 or later.
	Terraform Format = "terraform"
	// CloudFormation is a template in JSON.
	CloudFormation Format = "cloudformation"
	// Console is the way through AWS's console, click by click, as text.
	Console Format = "console"
)

// Formats lists them all.
func Formats() []Format { return []Format{CLI, Terraform, CloudFormation, Console} }

// Render writes what [NewPlan] would do for somebody else to do. All formats
// end in the same provider, role, policies and tags as a plan for an account
// that has none of them yet; a role of somebody else is only added to by a plan.
func Render(format Format, f Facts, o Options) ([]byte, error) {
	d, err := newDesired(f, o)
	if err != nil {
		return nil, err
	}
	var text string
	switch format {
	case CLI:
		text, err = d.script()
	case Terraform:
		text, err = d.terraform()
	case CloudFormation:
		text, err = d.cloudFormation()
	case Console:
		text, err = d.console()
	default:
		names := make([]string, 0, len(Formats()))
		for _, f := range Formats() {
			names = append(names, string(f))
		}
		return nil, fault.New(fault.Config, "unknown format %q", clip(string(format))).WithParam("format").
			WithRemedy("Formats: %s.", strings.Join(names, ", "))
	}
	return []byte(text), err
}

// finish is the command that tells the environment its role.
func (d *desired) finish(arn string) string {
	return "adit env update " + ident.Argument(d.facts.EnvironmentName, d.facts.OrganizationName) + " --role-arn " + arn
}
