package emulator_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"

	"github.com/adit-hq/adit/emulator"
)

// A program that uses the AWS SDK is tested against the emulator by giving the
// SDK the emulator's transport and its key.
func Example() {
	cloud, err := emulator.New(emulator.WithQuota("cohere.embed-english-v3", 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	key := cloud.DefaultKey()
	client := bedrockruntime.NewFromConfig(aws.Config{
		Region:      "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider(key.AccessKeyID, key.SecretAccessKey, ""),
		HTTPClient:  &http.Client{Transport: cloud.Transport()},
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	})
	for range 2 {
		_, err := client.InvokeModel(context.Background(), &bedrockruntime.InvokeModelInput{
			ModelId:     aws.String("cohere.embed-english-v3"),
			ContentType: aws.String("application/json"),
			Body:        []byte(`{"input_type":"search_document","texts":["an adit","a shaft"]}`),
		})
		fmt.Println("refused:", err != nil)
	}
	for _, event := range cloud.Trail() {
		fmt.Println(event.Operation, event.Model, event.Status, event.ErrorCode, event.Texts)
	}
	// Output:
	// refused: false
	// refused: true
	// InvokeModel cohere.embed-english-v3 200  2
	// InvokeModel cohere.embed-english-v3 429 ThrottlingException 0
}
