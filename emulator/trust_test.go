package emulator_test

import (
	"strings"
	"testing"

	"github.com/adit-hq/adit/emulator"
)

// condition is the exact trust with one more operator.
func condition(operator string) string {
	return strings.TrimSuffix(exact, "}") + "," + operator + "}"
}

func TestATrustPolicySaysWhoMayComeWithAToken(t *testing.T) {
	f := newFederation(t)
	const tags = "https://aws.amazon.com/tags"
	tagged := fields{tags: fields{"principal_tags": fields{"team": []string{"search"}, "key": []string{"k1"}}, "transitive_tag_keys": []string{"team"}}}
	source := fields{"https://aws.amazon.com/source_identity": "someone"}
	withTags := `["sts:AssumeRoleWithWebIdentity","sts:TagSession"]`
	sub := idpPath + ":sub"
	one := func(operator, key, value string) string { return `{"` + operator + `":{"` + key + `":` + value + `}}` }
	for name, c := range map[string]struct {
		trust  string
		claims fields
		let    bool
	}{
		"subject and audience":             {trustDocument(assumeOnly, exact), nil, true},
		"another subject":                  {trustDocument(assumeOnly, exact), fields{"sub": "env:org_1:env_2"}, false},
		"a subject in another case":        {trustDocument(assumeOnly, exact), fields{"sub": "ENV:org_1:env_1"}, false},
		"another known audience":           {trustDocument(assumeOnly, exact), fields{"aud": "other"}, false},
		"a pattern":                        {trustDocument(assumeOnly, one("StringLike", sub, `"env:org_1:*"`)), nil, true},
		"a pattern that does not fit":      {trustDocument(assumeOnly, one("StringLike", sub, `"env:org_2:*"`)), nil, false},
		"a star is no pattern in Equals":   {trustDocument(assumeOnly, one("StringEquals", sub, `"env:*"`)), nil, false},
		"one of a list":                    {trustDocument(assumeOnly, one("StringEquals", sub, `["x","`+subject+`"]`)), nil, true},
		"a key in capitals":                {trustDocument(assumeOnly, one("StringEquals", strings.ToUpper(sub), `"`+subject+`"`)), nil, true},
		"the host without its path":        {trustDocument(assumeOnly, one("StringEquals", idpHost+":sub", `"`+subject+`"`)), nil, false},
		"a claim that is no key":           {trustDocument(assumeOnly, condition(`"StringLike":{"`+idpPath+`:jti":"*"}`)), nil, false},
		"a claim that is no key, if it is": {trustDocument(assumeOnly, condition(`"StringLikeIfExists":{"`+idpPath+`:jti":"x"}`)), nil, true},
		"no condition":                     {trustDocument(assumeOnly, `{}`), fields{"sub": "anyone"}, true},
		"any amr":                          {trustDocument(assumeOnly, one("ForAnyValue:StringEquals", idpPath+":amr", `"mfa"`)), fields{"amr": []string{"pwd", "mfa"}}, true},
		"any amr of none":                  {trustDocument(assumeOnly, one("ForAnyValue:StringEquals", idpPath+":amr", `"mfa"`)), nil, false},
		"all amr":                          {trustDocument(assumeOnly, one("ForAllValues:StringEquals", idpPath+":amr", `"mfa"`)), fields{"amr": []string{"pwd", "mfa"}}, false},
		"one amr where there are two":      {trustDocument(assumeOnly, one("StringEquals", idpPath+":amr", `"mfa"`)), fields{"amr": []string{"pwd", "mfa"}}, false},
		"two amr where one is meant":       {trustDocument(assumeOnly, one("StringEquals", idpPath+":amr", `["mfa","pwd"]`)), fields{"amr": []string{"pwd", "mfa"}}, false},
		"a subject is needed":              {trustDocument(assumeOnly, one("Null", sub, `"false"`)), nil, true},
		"another action":                   {trustDocument(`"sts:AssumeRole"`, exact), nil, false},
		"every action of STS":              {trustDocument(`"sts:*"`, exact), nil, true},
		"tags without TagSession":          {trustDocument(assumeOnly, exact), tagged, false},
		"tags with TagSession":             {trustDocument(withTags, exact), tagged, true},
		"a wanted tag":                     {trustDocument(withTags, condition(`"StringLike":{"aws:RequestTag/TEAM":"sea*"}`)), tagged, true},
		"a wanted tag that is not there":   {trustDocument(withTags, condition(`"StringLike":{"aws:RequestTag/stage":"*"}`)), tagged, false},
		"only known tags":                  {trustDocument(withTags, condition(`"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}`)), tagged, false},
		"source identity without a right":  {trustDocument(withTags, exact), source, false},
		"source identity with a right":     {trustDocument(`["sts:AssumeRoleWithWebIdentity","sts:SetSourceIdentity"]`, exact), source, true},
		"a wanted session name":            {trustDocument(assumeOnly, condition(`"StringLike":{"sts:RoleSessionName":"caller-*"}`)), nil, true},
		"another provider":                 {strings.ReplaceAll(trustDocument(assumeOnly, exact), provider, provider+"2"), nil, false},
		"everyone is not a token":          {strings.ReplaceAll(trustDocument(assumeOnly, exact), `{"Federated":"`+provider+`"}`, `"*"`), nil, false},
		"an account is not a token":        {strings.ReplaceAll(trustDocument(assumeOnly, exact), "Federated", "AWS"), nil, false},
		"denied by another statement": {
			strings.TrimSuffix(trustDocument(assumeOnly, exact), "]}") + `,{"Effect":"Deny","Principal":"*","Action":"sts:*","Condition":{"StringEquals":{"` + sub + `":"` + subject + `"}}}]}`, nil, false,
		},
	} {
		f.trust(t, c.trust)
		got, _ := f.exchange(t, f.token(c.claims))
		if want := map[bool]string{true: "200", false: denied}[c.let]; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestATrustPolicyThatIsNotUnderstoodIsRefused(t *testing.T) {
	f := newFederation(t)
	for name, trust := range map[string]string{
		"nothing":            ``,
		"no principal":       strings.ReplaceAll(trustDocument(assumeOnly, exact), `"Principal":{"Federated":"`+provider+`"},`, ""),
		"an empty principal": strings.ReplaceAll(trustDocument(assumeOnly, exact), `{"Federated":"`+provider+`"}`, "{}"),
		"not a principal":    strings.ReplaceAll(trustDocument(assumeOnly, exact), `"Principal"`, `"NotPrincipal"`),
		"a resource":         strings.ReplaceAll(trustDocument(assumeOnly, exact), `"Effect"`, `"Resource":"*","Effect"`),
		"another service":    trustDocument(`"iam:PassRole"`, exact),
		"an operator":        trustDocument(assumeOnly, `{"StringSimilar":{"a:b":"c"}}`),
		"a variable":         trustDocument(assumeOnly, `{"StringEquals":{"a:b":"${aws:username}"}}`),
		"an old version":     strings.ReplaceAll(trustDocument(assumeOnly, exact), "2012", "2008"),
	} {
		if err := f.AddRole(emulator.IAMRole{ARN: "arn:aws:iam::111122223333:role/R", TrustPolicy: trust}); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// TestTheLimitsOfSessionTags: AWS's own, each met and passed by one.
func TestTheLimitsOfSessionTags(t *testing.T) {
	f := newFederation(t)
	f.trust(t, trustDocument(`["sts:AssumeRoleWithWebIdentity","sts:TagSession"]`, exact))
	many := func(n int) fields {
		tags := fields{}
		for i := range n {
			tags["t"+strings.Repeat("x", i)] = []string{""}
		}
		return tags
	}
	tag := func(key, value string) fields { return fields{key: []string{value}} }
	for name, c := range map[string]struct {
		tags any
		let  bool
	}{
		"fifty":                   {fields{"principal_tags": many(50)}, true},
		"fifty-one":               {fields{"principal_tags": many(51)}, false},
		"a key of 128":            {fields{"principal_tags": tag(strings.Repeat("é", 128), "v")}, true},
		"a key of 129":            {fields{"principal_tags": tag(strings.Repeat("k", 129), "v")}, false},
		"an empty key":            {fields{"principal_tags": tag("", "v")}, false},
		"a value of 256":          {fields{"principal_tags": tag("k", strings.Repeat("v", 256))}, true},
		"a value of 257":          {fields{"principal_tags": tag("k", strings.Repeat("v", 257))}, false},
		"two values":              {fields{"principal_tags": fields{"k": []string{"a", "b"}}}, false},
		"a bare value":            {fields{"principal_tags": fields{"k": "a"}}, false},
		"AWS's own key":           {fields{"principal_tags": tag("AWS:k", "v")}, false},
		"a character too strange": {fields{"principal_tags": tag("k", "<v>")}, false},
		"two cases of one key":    {fields{"principal_tags": fields{"k": []string{"a"}, "K": []string{"b"}}}, false},
		"an unknown transitive":   {fields{"principal_tags": tag("k", "v"), "transitive_tag_keys": []string{"x"}}, false},
		"an unknown element":      {fields{"principal_tags": tag("k", "v"), "colour": "blue"}, false},
		"no object":               {"k=v", false},
	} {
		got, _ := f.exchange(t, f.token(fields{"https://aws.amazon.com/tags": c.tags}))
		if (got == "200") != c.let || (!c.let && !strings.HasPrefix(got, notAJWT)) {
			t.Errorf("%s: %s", name, got)
		}
	}
}
