package model

import (
	"slices"
	"strings"
)

// Offered returns every id of the catalogue that may be invoked in a region:
// each model by its own id, and by the inference profiles that AWS defines for
// it in that part of the world. AWS brings models to regions without notice, so
// a model that the region lacks today is among them; a policy that names it
// grants nothing.
func Offered(region string) []Use {
	var out []Use
	near := geographies(region)
	for _, f := range Families() {
		for _, base := range f.IDs {
			out = append(out, Use{ID: ID{raw: base, base: base}, Region: region, Family: f})
			for _, g := range f.Geographies {
				if slices.Contains(near, g) {
					out = append(out, Use{ID: ID{raw: g + "." + base, base: base, geography: g}, Region: region, Family: f})
				}
			}
		}
	}
	return out
}

// geographies returns the prefixes of the inference profiles that can be called
// from a region (Bedrock user guide, Supported Regions and models for inference
// profiles). China has none.
func geographies(region string) []string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return nil
	case strings.HasPrefix(region, "us-gov-"):
		return []string{"us-gov"}
	case strings.HasPrefix(region, "us-"):
		return []string{"us", "global"}
	case strings.HasPrefix(region, "eu-"):
		return []string{"eu", "global"}
	case strings.HasPrefix(region, "ca-"):
		return []string{"ca", "us", "global"}
	case strings.HasPrefix(region, "ap-northeast-"):
		return []string{"apac", "jp", "global"}
	case strings.HasPrefix(region, "ap-southeast-"):
		return []string{"apac", "au", "global"}
	case strings.HasPrefix(region, "ap-"):
		return []string{"apac", "global"}
	}
	return []string{"global"}
}

// ListingActions returns the IAM actions that reading an account's models takes,
// sorted. AWS knows no resource for any of them, so a policy grants them on *
// (Service Authorization Reference, Amazon Bedrock).
func ListingActions() []string {
	return []string{
		"bedrock:GetFoundationModelAvailability",
		"bedrock:ListCustomModels",
		"bedrock:ListFoundationModels",
		"bedrock:ListInferenceProfiles",
		"bedrock:ListProvisionedModelThroughputs",
	}
}

// DestinationRegions returns the regions that the ARNs of foundation models
// name, sorted and each once. The ARN of a global profile's model names none:
// its calls may go to any region, which "global" says.
func DestinationRegions(arns []string) []string {
	var out []string
	for _, a := range arns {
		parts := strings.SplitN(a, ":", 6)
		switch {
		case len(parts) < 6:
		case parts[3] == "":
			out = append(out, "global")
		default:
			out = append(out, parts[3])
		}
	}
	return sorted(out)
}
