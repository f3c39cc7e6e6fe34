package emulator

import (
	"slices"
	"strings"
)

// changeProvider runs a change of the call's provider.
func (c *iamCall) changeProvider(change func(*OIDCProvider) error) (string, *awsError) {
	arn := c.text["OpenIDConnectProviderArn"]
	if !c.owns(arn) {
		return "", noProvider(arn)
	}
	return "", orAWS(c.x.e.iam.updateProvider(arn, change), noProvider(arn))
}

// addClientID is AddClientIDToOpenIDConnectProvider; one that is there already
// is no error.
func addClientID(c *iamCall) (string, *awsError) {
	return c.changeProvider(func(p *OIDCProvider) error {
		p.ClientIDs = distinct(append(p.ClientIDs, c.text["ClientID"]))
		if len(p.ClientIDs) > maxClientIDs {
			return iamError("LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100")
		}
		return nil
	})
}

// removeClientID is RemoveClientIDFromOpenIDConnectProvider; one that is not
// there is no error.
func removeClientID(c *iamCall) (string, *awsError) {
	return c.changeProvider(func(p *OIDCProvider) error {
		p.ClientIDs = slices.DeleteFunc(p.ClientIDs, func(id string) bool { return id == c.text["ClientID"] })
		return nil
	})
}

// updateThumbprints is UpdateOpenIDConnectProviderThumbprint, which replaces
// the whole list.
func updateThumbprints(c *iamCall) (string, *awsError) {
	if err := checkThumbprints(c.list["ThumbprintList"]); err != nil {
		return "", err
	}
	return c.changeProvider(func(p *OIDCProvider) error {
		p.Thumbprints = lower(c.list["ThumbprintList"])
		return nil
	})
}

// tagProvider is TagOpenIDConnectProvider.
func tagProvider(c *iamCall) (string, *awsError) {
	return c.changeProvider(func(p *OIDCProvider) (err error) {
		p.Tags, err = mergeTags(p.Tags, c.tags)
		return err
	})
}

// untagProvider is UntagOpenIDConnectProvider.
func untagProvider(c *iamCall) (string, *awsError) {
	return c.changeProvider(func(p *OIDCProvider) error {
		p.Tags = withoutTags(p.Tags, c.list["TagKeys"])
		return nil
	})
}

// listProviderTags is ListOpenIDConnectProviderTags.
func listProviderTags(c *iamCall) (string, *awsError) {
	p, known := c.x.e.iam.provider(c.text["OpenIDConnectProviderArn"])
	if !known || !c.owns(p.ARN) {
		return "", noProvider(c.text["OpenIDConnectProviderArn"])
	}
	return c.listTags(p.Tags)
}

// distinct drops repetitions and keeps the order.
func distinct(list []string) []string {
	var kept []string
	for _, s := range list {
		if !slices.Contains(kept, s) {
			kept = append(kept, s)
		}
	}
	return kept
}

func lower(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, strings.ToLower(s))
	}
	return distinct(out)
}

func escaped(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, escapeXML(s))
	}
	return out
}
