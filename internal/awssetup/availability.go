package awssetup

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	"github.com/aws/aws-sdk-go-v2/service/bedrock/types"
	"golang.org/x/sync/errgroup"

	"github.com/adit-hq/adit/internal/model"
)

// lack is why a model cannot be used yet, though the role may.
type lack uint8

const (
	lacksNothing lack = iota
	lacksAgreement
	lacksAuthorization
	lacksRegion
	unanswerable
)

// readAvailability warns of models that the account cannot use yet. It is read
// with the administrator's rights, so that a missing agreement comes up now and
// not with the first call.
func (p *planner) readAvailability(ctx context.Context) {
	if p.aws.Bedrock == nil {
		return
	}
	bases := p.bases()
	var mu sync.Mutex
	found := map[lack][]string{}
	var refusal error
	var asking errgroup.Group
	asking.SetLimit(8)
	for _, base := range bases {
		asking.Go(func() error {
			lacks, err := p.availability(ctx, base)
			mu.Lock()
			defer mu.Unlock()
			found[lacks] = append(found[lacks], base)
			if err != nil {
				refusal = err
			}
			return nil
		})
	}
	_ = asking.Wait() // reasons are kept above
	for l := range found {
		slices.Sort(found[l])
	}
	p.warnOfLacks(found, refusal)
}

// bases are the models behind the ids that the role may invoke, each once.
func (p *planner) bases() []string {
	var out []string
	for _, u := range p.invoked {
		if a, isARN := u.ID.ARN(); u.ID.Base() != "" && (!isARN || a.Type != "custom-model") {
			out = append(out, u.ID.Base())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (p *planner) availability(ctx context.Context, base string) (lack, error) {
	got, err := p.aws.Bedrock.GetFoundationModelAvailability(ctx, &bedrock.GetFoundationModelAvailabilityInput{ModelId: &base})
	switch c := code(err); {
	case c == "ResourceNotFoundException", c == "ValidationException":
		return lacksRegion, nil
	case err != nil:
		return unanswerable, refused(err, "report the availability of models")
	case got.RegionAvailability == types.RegionAvailabilityNotAvailable:
		return lacksRegion, nil
	case got.AgreementAvailability != nil && got.AgreementAvailability.Status != types.AgreementStatusAvailable:
		return lacksAgreement, nil
	case got.AuthorizationStatus == types.AuthorizationStatusNotAuthorized, got.EntitlementAvailability == types.EntitlementAvailabilityNotAvailable:
		return lacksAuthorization, nil
	}
	return lacksNothing, nil
}

func (p *planner) warnOfLacks(found map[lack][]string, refusal error) {
	if list := found[lacksAgreement]; len(list) > 0 {
		p.plan.warn("The account still needs an AWS Marketplace agreement for " + strings.Join(list, ", ") +
			": open the model once in the Bedrock console as an administrator, or let the role accept it with --marketplace.")
	}
	if list := found[lacksAuthorization]; len(list) > 0 {
		p.plan.warn("The account may not use " + strings.Join(list, ", ") + ": see Model access in the Bedrock console.")
	}
	if list := p.wanted(found[lacksRegion]); len(list) > 0 {
		p.plan.warn("Bedrock does not offer " + strings.Join(list, ", ") + " in " + p.facts.Region + ".")
	}
	if list := found[unanswerable]; len(list) > 0 && refusal != nil {
		p.plan.warn("Whether the account may use " + strings.Join(list, ", ") + " is not known: " + refusal.Error())
	}
}

// wanted are those that somebody named; that the region lacks one of the whole
// catalogue is no news.
func (p *planner) wanted(list []string) []string {
	named := map[string]bool{}
	for _, text := range slices.Concat(p.facts.Models, p.asked) {
		if id, err := model.ParseID(text); err == nil {
			named[id.Base()] = true
		}
	}
	var out []string
	for _, l := range list {
		if named[l] {
			out = append(out, l)
		}
	}
	return out
}
