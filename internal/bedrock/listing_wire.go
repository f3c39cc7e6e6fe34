package bedrock

import "time"

// The answers of the control plane, as far as Adit reads them (Bedrock API
// reference). Enumerations are open: AWS sends words that it does not document.

type foundationPage struct {
	Models []foundationModel `json:"modelSummaries"`
}

type foundationModel struct {
	ARN       string   `json:"modelArn"`
	ID        string   `json:"modelId"`
	Name      string   `json:"modelName"`
	Provider  string   `json:"providerName"`
	Inputs    []string `json:"inputModalities"`
	Outputs   []string `json:"outputModalities"`
	Inference []string `json:"inferenceTypesSupported"`
	Lifecycle struct {
		Status    string `json:"status"`
		EndOfLife string `json:"endOfLifeTime"`
	} `json:"modelLifecycle"`
}

type profilePage struct {
	Profiles []inferenceProfile `json:"inferenceProfileSummaries"`
	Token    string             `json:"nextToken"`
}

func (p *profilePage) next() string { return p.Token }

type inferenceProfile struct {
	ARN    string `json:"inferenceProfileArn"`
	ID     string `json:"inferenceProfileId"`
	Name   string `json:"inferenceProfileName"`
	Status string `json:"status"`
	Models []struct {
		ARN string `json:"modelArn"`
	} `json:"models"`
}

type customPage struct {
	Models []customModel `json:"modelSummaries"`
	Token  string        `json:"nextToken"`
}

func (p *customPage) next() string { return p.Token }

type customModel struct {
	ARN    string `json:"modelArn"`
	Name   string `json:"modelName"`
	Base   string `json:"baseModelArn"`
	Status string `json:"modelStatus"`
}

type provisionedPage struct {
	Models []provisionedModel `json:"provisionedModelSummaries"`
	Token  string             `json:"nextToken"`
}

func (p *provisionedPage) next() string { return p.Token }

type provisionedModel struct {
	ARN        string `json:"provisionedModelArn"`
	Name       string `json:"provisionedModelName"`
	Foundation string `json:"foundationModelArn"`
	Status     string `json:"status"`
}

type availability struct {
	Agreement struct {
		Status string `json:"status"`
		Error  string `json:"errorMessage"`
	} `json:"agreementAvailability"`
	Authorization string `json:"authorizationStatus"`
	Entitlement   string `json:"entitlementAvailability"`
	Region        string `json:"regionAvailability"`
}

// instant reads a time of AWS; what it cannot read is unknown.
func instant(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return t
}
