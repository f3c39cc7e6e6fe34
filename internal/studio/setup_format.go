package studio

import "github.com/adit-hq/adit/internal/control/wire"

// setupFormat is one of the ways to do the AWS step without Adit's command.
type setupFormat struct {
	Name, Label, Says string
	What, File, Media string // what its document is
	Here              bool
}

func setupFormats(e wire.Environment) []setupFormat {
	return []setupFormat{
		{"cli", "AWS CLI", "A bash script for whoever has the AWS CLI and an administrator's rights. It may be run again.", "the script", "adit-" + e.Name + ".sh", "text/x-shellscript", false},
		{"terraform", "Terraform", "A module for the AWS provider 5 or later. Its output role_arn is what the form below wants.", "the module", "adit-" + e.Name + ".tf", "text/plain", false},
		{"cloudformation", "CloudFormation", "A template. Deploy it with the capability CAPABILITY_NAMED_IAM; its output RoleArn is what the form below wants.", "the template", "adit-" + e.Name + ".json", "application/json", false},
		{"console", "Console", "The clicks through AWS's console, page by page.", "the steps", "adit-" + e.Name + ".txt", "text/plain", false},
	}
}

// formatNamed finds a format; the first where there is none of the name.
func formatNamed(all []setupFormat, name string) setupFormat {
	for i := range all {
		if all[i].Name == name {
			all[i].Here = true
			return all[i]
		}
	}
	all[0].Here = true
	return all[0]
}
