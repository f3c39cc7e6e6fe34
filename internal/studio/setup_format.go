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
		{"cli", "AWS CLI", "A bash script for the AWS CLI with administrator access. It can be run again safely.", "the script", "adit-" + e.Name + ".sh", "text/x-shellscript", false},
		{"terraform", "Terraform", "A module for the AWS provider 5 or later. Enter its output role_arn below.", "the module", "adit-" + e.Name + ".tf", "text/plain", false},
		{"cloudformation", "CloudFormation", "A template. Deploy it with CAPABILITY_NAMED_IAM, and enter its output RoleArn below.", "the template", "adit-" + e.Name + ".json", "application/json", false},
		{"console", "Console", "Step by step through the AWS console.", "the steps", "adit-" + e.Name + ".txt", "text/plain", false},
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
