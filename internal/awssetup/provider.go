package awssetup

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

const kindProvider = "OIDC provider"

func itoa(n int) string { return strconv.Itoa(n) }

// providerState is a provider as the account has it.
type providerState struct {
	there       bool
	audiences   []string
	thumbprints []string
	tags        map[string]string
}

func (p *planner) readProvider(ctx context.Context) (providerState, error) {
	got, err := p.aws.IAM.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &p.plan.ProviderARN})
	if absent(err) {
		return providerState{}, nil
	}
	if err != nil {
		return providerState{}, refused(err, "show the provider %s", p.facts.Host())
	}
	return providerState{true, got.ClientIDList, got.ThumbprintList, tagMap(got.Tags)}, nil
}

// planProvider creates the provider, or adds to it what is missing.
func (p *planner) planProvider(ctx context.Context) error {
	has, err := p.readProvider(ctx)
	if err != nil {
		return err
	}
	s := Step{Action: Keep, Kind: kindProvider, Name: p.facts.Host(), ARN: p.plan.ProviderARN}
	if !has.there {
		s.Action, s.do = Create, p.createProvider
		s.Differences = []Difference{
			compare("url", "", p.facts.Issuer), compare("audiences", "", p.facts.Audience()), compare("tags", "", tagLines(p.providerTags)),
		}
		if p.facts.Thumbprint != "" {
			s.Differences = append(s.Differences, compare("thumbprints", "", p.facts.Thumbprint))
		}
		p.add(s)
		return nil
	}
	var acts []func(context.Context) error
	if aud := p.facts.Audience(); !slices.Contains(has.audiences, aud) {
		s.Differences = append(s.Differences, compare("audiences", lines(has.audiences), lines(append(slices.Clone(has.audiences), aud))))
		acts = append(acts, p.addAudience)
	}
	if more := p.thumbprints(has); more != nil {
		s.Differences = append(s.Differences, compare("thumbprints", lines(has.thumbprints), lines(more)))
		acts = append(acts, func(ctx context.Context) error {
			_, err := p.aws.IAM.UpdateOpenIDConnectProviderThumbprint(ctx, &iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: &s.ARN, ThumbprintList: more})
			return refused(err, "change the thumbprints of the provider %s", s.Name)
		})
	}
	if len(acts) > 0 {
		s.Action, s.do = Change, sequence(acts)
	}
	p.add(s)
	return nil
}

// thumbprints returns what the provider's list must become, or nil where it may
// stay. Only a private chain needs one (IAM user guide, Obtain the thumbprint).
func (p *planner) thumbprints(has providerState) []string {
	want := p.facts.Thumbprint
	known := func(t string) bool { return strings.EqualFold(t, want) }
	if want == "" || slices.ContainsFunc(has.thumbprints, known) {
		return nil
	}
	if !owned(has.tags, p.providerTags) {
		p.plan.warn("The provider " + p.facts.Host() + " lacks the thumbprint " + want + " of the issuer's private certificate authority, and was not created by Adit. Add it: aws iam update-open-id-connect-provider-thumbprint.")
		return nil
	}
	const most = 5 // IAM API reference, ThumbprintList
	list := append([]string{want}, has.thumbprints...)
	return list[:min(len(list), most)]
}

func (p *planner) createProvider(ctx context.Context) error {
	input := &iam.CreateOpenIDConnectProviderInput{Url: &p.facts.Issuer, ClientIDList: []string{p.facts.Audience()}, Tags: tagList(p.providerTags)}
	if p.facts.Thumbprint != "" {
		input.ThumbprintList = []string{p.facts.Thumbprint}
	}
	_, err := p.aws.IAM.CreateOpenIDConnectProvider(ctx, input)
	if code(err) == "EntityAlreadyExists" || code(err) == "EntityAlreadyExistsException" { // somebody was quicker
		return p.addAudience(ctx)
	}
	p.plan.made = true
	return refused(err, "create the provider %s", p.facts.Host())
}

func (p *planner) addAudience(ctx context.Context) error {
	_, err := p.aws.IAM.AddClientIDToOpenIDConnectProvider(ctx, &iam.AddClientIDToOpenIDConnectProviderInput{
		OpenIDConnectProviderArn: &p.plan.ProviderARN, ClientID: aws.String(p.facts.Audience()),
	})
	return refused(err, "add the audience %s to the provider %s", p.facts.Audience(), p.facts.Host())
}

// sequence does one act after the other.
func sequence(acts []func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		for _, act := range acts {
			if err := act(ctx); err != nil {
				return err
			}
		}
		return nil
	}
}

func tagMap(list []types.Tag) map[string]string {
	out := make(map[string]string, len(list))
	for _, t := range list {
		out[deref(t.Key)] = deref(t.Value)
	}
	return out
}

func tagList(tags map[string]string) []types.Tag {
	var out []types.Tag
	for _, k := range sortedKeys(tags) {
		out = append(out, types.Tag{Key: aws.String(k), Value: aws.String(tags[k])})
	}
	return out
}

func tagLines(tags map[string]string) string {
	var out []string
	for _, k := range sortedKeys(tags) {
		out = append(out, k+" = "+tags[k])
	}
	return lines(out)
}

func lines(list []string) string { return strings.Join(list, "\n") }
