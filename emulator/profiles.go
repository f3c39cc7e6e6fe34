package emulator

import (
	"fmt"
	"regexp"
	"sync"
	"time"
)

// The types of profile. The first two are what ListInferenceProfiles says; the
// others are no inference profiles and not among them.
const (
	typeSystem      = "SYSTEM_DEFINED"
	typeApplication = "APPLICATION"
	typeProvisioned = "provisioned"
	typeCustom      = "custom"
)

// profile is an inference profile, a provisioned model or a custom model:
// something that an ARN names and that stands for a foundation model.
type profile struct {
	id, name, arn string
	typ           string
	models        []string // ARNs of foundation models, one for each destination Region
	model         *model
	quota         string    // what its calls are counted under
	source        string    // ARN that it was made from; "" for system-defined ones
	born          time.Time // when it was registered
}

// profiles holds what was registered; system-defined ones are computed.
type profiles struct {
	mu    sync.RWMutex
	order []*profile
}

// opaqueID is what AWS gives application profiles and provisioned models.
var (
	opaqueID   = regexp.MustCompile(`^[a-z0-9]{12}$`)
	customName = regexp.MustCompile(`^([0-9a-zA-Z][_-]?){1,63}$`)
)

// systemProfiles are the profiles that AWS defines in a Region.
func (e *Emulator) systemProfiles(region string) []*profile {
	var list []*profile
	for i := range e.models {
		m := &e.models[i]
		for _, geography := range m.geographies {
			if !callableFrom(geography, region) {
				continue
			}
			if p := e.systemProfile(m, geography, region); len(p.models) > 0 {
				list = append(list, p)
			}
		}
	}
	return list
}

// systemProfile is a model's profile of one geography. Its destinations are
// the geography's Regions that offer the model: without one it does not exist.
func (e *Emulator) systemProfile(m *model, geography, region string) *profile {
	id, part := geography+"."+m.id, partitionOf(region)
	p := &profile{
		id: id, name: map[string]string{"us": "US ", "eu": "EU ", "apac": "APAC ", "global": "Global "}[geography] + m.provider + " " + m.name,
		typ: typeSystem, model: m, quota: id, arn: e.resourceARN(region, "inference-profile/"+id),
	}
	for _, r := range destinations(geography) {
		if m.offered(r) {
			p.models = append(p.models, modelARN(part, r, m.id))
		}
	}
	if geography == "global" {
		p.models = []string{modelARN(part, region, m.id), modelARN(part, "", m.id)}
	}
	return p
}

func (e *Emulator) resourceARN(region, resource string) string {
	return arn{partitionOf(region), "bedrock", region, e.account, resource}.String()
}

// AddApplicationProfile registers an application inference profile over a
// model id or a system-defined profile id and returns its ARN. The id must be
// twelve lower-case letters and digits, which tell nothing about the model.
// Its calls count against the quota of what it was copied from.
func (e *Emulator) AddApplicationProfile(region, id, source string) (string, error) {
	p := &profile{id: id, name: "application-" + id, typ: typeApplication}
	return e.addProfile(region, "application-inference-profile/", source, p)
}

// AddProvisionedModel registers a provisioned throughput of a model, or of a
// custom model's ARN, and returns its ARN. Its calls have a quota of their own,
// keyed by that ARN.
func (e *Emulator) AddProvisionedModel(region, id, source string) (string, error) {
	return e.addProfile(region, "provisioned-model/", source, &profile{id: id, name: "provisioned-" + id, typ: typeProvisioned})
}

// AddCustomModel registers a model that was customized from a foundation model
// and returns its ARN. The name is 1 to 63 letters and digits with "-" and "_"
// between. Bedrock serves it through provisioned throughput only.
func (e *Emulator) AddCustomModel(region, id, name, base string) (string, error) {
	if e.findModel(base) == nil || !customName.MatchString(name) {
		return "", fmt.Errorf("emulator: custom model %q of %q: needs a name of letters, digits, - and _, and a foundation model's id", name, base)
	}
	return e.addProfile(region, "custom-model/"+base+"/", base, &profile{id: id, name: name, typ: typeCustom})
}

func (e *Emulator) addProfile(region, kind, source string, p *profile) (string, error) {
	if !knownRegion(region) || !opaqueID.MatchString(p.id) {
		return "", fmt.Errorf("emulator: %s%s in %q: needs a Region and an id of twelve of a-z and 0-9", kind, p.id, region)
	}
	p.arn = e.resourceARN(region, kind+p.id)
	from, err := e.resolve(source, region)
	if err != nil || from.model.answer == nil || p.typ == typeApplication && from.custom {
		return "", fmt.Errorf("emulator: %s: nothing to copy from %q in %s", p.arn, source, region)
	}
	p.model, p.quota, p.source, p.born = from.model, from.quota, from.resources[0].arn, e.now()
	for _, r := range from.resources {
		if a, _ := parseARN(r.arn); a.kind() == "foundation-model" {
			p.models = append(p.models, r.arn)
		}
	}
	if p.typ == typeProvisioned || p.typ == typeCustom {
		p.quota, p.models = p.arn, []string{modelARN(partitionOf(region), region, from.model.id)}
	}
	e.profiles.mu.Lock()
	defer e.profiles.mu.Unlock()
	for _, known := range e.profiles.order {
		if known.arn == p.arn {
			return "", fmt.Errorf("emulator: %s is registered already", p.arn)
		}
	}
	e.profiles.order = append(e.profiles.order, p)
	return p.arn, nil
}

// registered finds an application profile or provisioned model by its ARN.
func (e *Emulator) registered(arn string) *profile {
	e.profiles.mu.RLock()
	defer e.profiles.mu.RUnlock()
	for _, p := range e.profiles.order {
		if p.arn == arn {
			return p
		}
	}
	return nil
}

// system finds a system-defined profile by id.
func (e *Emulator) system(id, region string) *profile {
	for _, p := range e.systemProfiles(region) {
		if p.id == id {
			return p
		}
	}
	return nil
}
