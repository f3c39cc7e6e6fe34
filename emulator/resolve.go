package emulator

import (
	"strings"
)

// target is what a modelId names: the model, what is counted, and the
// resources that the caller needs rights to.
type target struct {
	model     *model
	quota     string
	resources []resource
	bare      bool // named without a profile or provisioned throughput
	custom    bool // a custom model's own ARN, which only provisioned throughput can serve
}

func invalidModel() *awsError { return validation("The provided model identifier is invalid.") }

// resolve reads a modelId as InvokeModel takes it: a model id, the id of a
// system-defined profile, or an ARN of the request's own Region.
func (e *Emulator) resolve(id, region string) (*target, *awsError) {
	if strings.HasPrefix(id, "arn:") {
		return e.resolveARN(id, region)
	}
	if m := e.offeredModel(id, region); m != nil {
		return foundation(m, id, region), nil
	}
	if p := e.system(id, region); p != nil {
		return p.target(), nil
	}
	return nil, invalidModel()
}

func (e *Emulator) resolveARN(text, region string) (*target, *awsError) {
	a, err := parseARN(text)
	if err != nil || a.service != "bedrock" || a.region != region || a.partition != partitionOf(region) {
		return nil, invalidModel()
	}
	if a.kind() == "foundation-model" {
		if m := e.offeredModel(a.id(), region); m != nil && a.account == "" {
			return foundation(m, a.id(), region), nil
		}
		return nil, notFound("The model " + clip(a.id()) + " does not exist in " + region + ".")
	}
	p := e.registered(text)
	if a.kind() == "inference-profile" && a.account == e.account {
		p = e.system(a.id(), region)
	}
	if p == nil {
		return nil, notFound("The " + clip(a.kind()) + " with the given ARN does not exist.")
	}
	return p.target(), nil
}

// foundation is a model called by its own id: one resource, one quota.
func foundation(m *model, id, region string) *target {
	return &target{
		model: m, quota: m.id, bare: true,
		resources: []resource{{arn: modelARN(partitionOf(region), region, id)}},
	}
}

// target of a profile: the profile itself and the foundation model in every
// Region that the call may be sent to. aws:RequestedRegion is that Region, or
// "unspecified" for the one without (Bedrock user guide, "Prerequisites for
// inference profiles"). A provisioned model is a resource by itself.
func (p *profile) target() *target {
	t := &target{model: p.model, quota: p.quota, custom: p.typ == typeCustom}
	if p.typ == typeProvisioned || t.custom {
		t.resources = []resource{{arn: p.arn}}
		return t
	}
	t.resources = append(t.resources, resource{arn: p.arn, profile: p.arn})
	for _, m := range p.models {
		a, _ := parseARN(m)
		if a.region == "" {
			a.region = "unspecified"
		}
		t.resources = append(t.resources, resource{arn: m, region: a.region, profile: p.arn})
	}
	return t
}
