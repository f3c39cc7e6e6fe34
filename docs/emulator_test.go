package docs_test

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"

	"github.com/adit-hq/adit/emulator"
)

func TestTheSecondCallOfAMinuteIsThrottled(t *testing.T) {
	cloud, err := emulator.New(emulator.WithQuota("cohere.embed-english-v3", 1))
	if err != nil {
		t.Fatal(err)
	}
	key := cloud.DefaultKey()
	client := bedrockruntime.NewFromConfig(aws.Config{
		Region:      "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider(key.AccessKeyID, key.SecretAccessKey, ""),
		HTTPClient:  &http.Client{Transport: cloud.Transport()},
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	})
	for range 2 {
		_, err = client.InvokeModel(t.Context(), &bedrockruntime.InvokeModelInput{
			ModelId:     aws.String("cohere.embed-english-v3"),
			ContentType: aws.String("application/json"),
			Body:        []byte(`{"input_type":"search_document","texts":["an adit","a shaft"]}`),
		})
	}
	trail := cloud.Trail()
	if err == nil || trail[0].Status != 200 || trail[1].ErrorCode != "ThrottlingException" {
		t.Errorf("the trail is %+v", trail)
	}
}
