package model

import (
	"regexp"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// ID names what InvokeModel is asked for: a model id, the same with a
// geography in front (an inference profile), or an ARN.
type ID struct {
	raw       string
	base      string
	geography string
	arn       ARN
}

// ARN is the parts of an Amazon resource name that InvokeModel takes.
type ARN struct {
	Partition string // aws, aws-cn, aws-us-gov
	Service   string // bedrock or sagemaker
	Region    string
	Account   string // empty for foundation models
	Type      string // foundation-model, inference-profile, provisioned-model, …
	Name      string // what follows the type
}

var (
	idPattern        = regexp.MustCompile(`^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,3}(:[a-z0-9-]{1,63}){0,2}$`)
	geographyPattern = regexp.MustCompile(`^[a-z]{2,6}(-[a-z]{2,4})?$`)
	arnPattern       = regexp.MustCompile(`^arn:(aws(?:-[a-z-]+)?):(bedrock|sagemaker):([a-z0-9-]{1,20}):([0-9]{12})?:([a-z-]+)/(.+)$`)
	profilePattern   = regexp.MustCompile(`^[a-zA-Z0-9-:.]+$`)
	twelvePattern    = regexp.MustCompile(`^[a-z0-9]{12}$`)
	customPattern    = regexp.MustCompile(`^[a-z0-9-]{1,63}\.[a-z0-9-]{1,63}(:[a-z0-9-]{1,63}){0,2}/[a-z0-9]{12}$`)
	promptPattern    = regexp.MustCompile(`^[0-9a-zA-Z]{10}(:[0-9]{1,5})?$`)
	endpointPattern  = regexp.MustCompile(`^[a-zA-Z0-9-]+$`)
)

// namePattern returns what the name of such an ARN looks like, or nil where
// InvokeModel takes none of the type.
func namePattern(a ARN) *regexp.Regexp {
	if a.Service == "sagemaker" {
		if a.Type == "endpoint" {
			return endpointPattern
		}
		return nil
	}
	switch a.Type {
	case "foundation-model":
		return idPattern
	case "inference-profile", "application-inference-profile", "prompt-router", "default-prompt-router":
		return profilePattern
	case "provisioned-model", "imported-model", "custom-model-deployment":
		return twelvePattern
	case "custom-model":
		return customPattern
	case "prompt":
		return promptPattern
	}
	return nil
}

// ParseID reads a model id as InvokeModel takes it (Bedrock API reference,
// InvokeModel, modelId: at most 2,048 characters).
func ParseID(s string) (ID, error) {
	if len(s) > 2048 {
		return ID{}, fault.New(fault.Config, "the model id is %d characters long; InvokeModel takes at most 2,048", len(s))
	}
	if strings.HasPrefix(s, "arn:") {
		return parseARN(s)
	}
	if !idPattern.MatchString(s) {
		return ID{}, fault.New(fault.Config, "%q is no Bedrock model id", s).
			WithRemedy("Write an id such as amazon.titan-embed-text-v2:0, us.cohere.embed-v4:0, or an ARN.")
	}
	id := ID{raw: s}
	id.geography, id.base = splitGeography(s)
	return id, nil
}

// splitGeography takes "us.cohere.embed-v4:0" apart into "us" and
// "cohere.embed-v4:0". New geographies appear now and then, so any short word
// in front of provider and model counts.
func splitGeography(s string) (geography, base string) {
	first, rest, _ := strings.Cut(s, ".")
	if strings.Contains(rest, ".") && geographyPattern.MatchString(first) {
		return first, rest
	}
	return "", s
}

func parseARN(s string) (ID, error) {
	m := arnPattern.FindStringSubmatch(s)
	if m == nil {
		return ID{}, badARN(s, "it is not of the form arn:aws:bedrock:REGION:ACCOUNT:TYPE/NAME")
	}
	a := ARN{Partition: m[1], Service: m[2], Region: m[3], Account: m[4], Type: m[5], Name: m[6]}
	name := namePattern(a)
	switch {
	case name == nil:
		return ID{}, badARN(s, "InvokeModel takes no "+a.Service+" "+a.Type)
	case (a.Type == "foundation-model") != (a.Account == ""):
		return ID{}, badARN(s, "a foundation model's ARN has an empty account, every other one has 12 digits")
	case !name.MatchString(a.Name):
		return ID{}, badARN(s, "its last part is no "+a.Type)
	}
	id := ID{raw: s, arn: a}
	switch a.Type {
	case "foundation-model":
		id.base = a.Name
	case "inference-profile":
		id.geography, id.base = splitGeography(a.Name)
	case "custom-model":
		id.base, _, _ = strings.Cut(a.Name, "/")
	}
	return id, nil
}

func badARN(s, why string) error {
	return fault.New(fault.Config, "%q cannot be invoked: %s", s, why).
		WithRemedy("Copy the ARN of a model or inference profile from the Bedrock console.")
}

// String returns the id as it was written, which is what InvokeModel is sent.
func (id ID) String() string { return id.raw }

// Base returns the model's own id without geography, such as
// "cohere.embed-v4:0", or "" where the ARN does not tell it.
func (id ID) Base() string { return id.base }

// Geography returns the inference profile's geography, such as "us" or "global", or "".
func (id ID) Geography() string { return id.geography }

// ARN returns the parts of the ARN, if the id is one.
func (id ID) ARN() (ARN, bool) { return id.arn, id.arn.Type != "" }

// Opaque reports whether the id is an ARN that does not tell the model behind it.
func (id ID) Opaque() bool { return id.base == "" }

// QuotaModel returns what AWS counts calls of this id against in one account
// and region: the model on demand, the model across regions, or the ARN's own
// resource. Different spellings of one model give the same answer.
func (id ID) QuotaModel() string {
	switch {
	case id.arn.Type == "custom-model", id.Opaque():
		return id.arn.Type + "/" + id.arn.Name
	case id.geography != "":
		return CrossRegion(id.base, id.geography == "global")
	}
	return id.base
}

// CrossRegion names the quota of a model's inference profiles. AWS has one for
// the profiles of a geography and one for the global profile (Service Quotas,
// Bedrock: "Cross-region" and "Global cross-region model inference requests per minute").
func CrossRegion(base string, global bool) string {
	if global {
		return "global-cross-region/" + base
	}
	return "cross-region/" + base
}
