package awssetup

import "strings"

// console writes the way through AWS's console in the order of its pages, with
// every value filled in.
func (d *desired) console() (string, error) {
	id := d.account
	if id == "" {
		id = "YOUR_AWS_ACCOUNT_ID"
	}
	trust, err := d.trustDocument()
	if err != nil {
		return "", err
	}
	f := d.facts
	var b strings.Builder
	w := func(lines ...string) {
		for _, l := range lines {
			b.WriteString(l + "\n")
		}
	}
	w("Setting up AWS for the Adit environment "+f.EnvironmentName+", in the AWS console", "",
		"Before you start: enable the models in the Bedrock console, region "+f.Region+", under Model access.", "",
		"Configure the OIDC provider (once for an account)", "",
		"  1. Sign in to the AWS console. Go to IAM and select Identity providers.",
		"  2. If "+f.Host()+" is in the list, open it, check that it has the audience "+f.Audience()+", and continue with the role.",
		"  3. Select Add provider, and OpenID Connect as the provider type.",
		"  4. Provider URL: "+f.Issuer, "  5. Audience:     "+f.Audience())
	if f.Thumbprint != "" {
		w("     Thumbprint:   "+f.Thumbprint, "     (the issuer's certificate authority is private; add this on the provider's page)")
	}
	w("  6. Add these tags, so that Adit recognizes the provider as its own:")
	w(tagTable(d.providerTags)...)
	w("  7. Select Add provider.", "",
		"Configure the role", "",
		"  Organization id: "+f.OrganizationID+", environment id: "+f.EnvironmentID+".", "",
		"  1. In IAM, select Roles, then Create role.",
		"  2. Trusted entity type: Web identity. Identity provider: "+f.Host()+". Audience: "+f.Audience()+".",
		"  3. Add condition:",
		"       Key:       "+f.Host()+":sub",
		"       Condition: StringEquals",
		"       Value:     "+f.Subject())
	if d.fullAccess {
		w("  4. Select the policy AmazonBedrockFullAccess, then Next.")
	} else {
		w("  4. Select no policy yet, then Next.")
	}
	if d.boundary != "" {
		w("     Set the permissions boundary: " + d.boundary)
	}
	w("  5. Role name:   "+d.role, "     Description: "+d.description)
	w("  6. Add these tags:")
	w(tagTable(d.roleTags)...)
	w("  7. Select Create role, and open it.",
		"  8. Summary, Edit: Maximum session duration "+spell(d.session)+".",
		"  9. Trust relationships, Edit trust policy. It must be:", "", quoted(in(trust, id)), "",
		" 10. Permissions, Add permissions, Create inline policy, JSON. Paste this:", "", quoted(in(d.permissions, id)), "",
		" 11. Policy name: "+d.policy+". Select Create policy.")
	if d.path != "/" {
		w("", "The console creates roles only under the path /; this one needs the path "+d.path+": use --format cli instead.")
	}
	w("", "Finish", "",
		"  1. Copy the role's ARN: "+in(d.roleARN(), id),
		"  2. Enter it as Role ARN in Studio, or run: "+d.finish(in(d.roleARN(), id)),
		"  3. Check that it works: adit aws verify --environment "+f.EnvironmentName)
	return b.String(), nil
}

func tagTable(tags map[string]string) []string {
	keys := sortedKeys(tags)
	width := 0
	for _, k := range keys {
		width = max(width, len(k))
	}
	var out []string
	for _, k := range keys {
		out = append(out, "       "+k+strings.Repeat(" ", width-len(k))+"  "+tags[k])
	}
	return out
}

// quoted sets a text off from the instructions. Pasting keeps its spaces, which JSON does not mind.
func quoted(text string) string { return "     " + strings.ReplaceAll(text, "\n", "\n     ") }
