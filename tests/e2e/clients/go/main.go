// Package main connects with pgx and lib/pq, and a token that AWS's SDK for Go signs. Prints what they saw as JSON.
// It does what AWS's connector for pgx does, which the Go module proxy does not serve everywhere.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/dsql/auth"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/lib/pq"
)

type seen struct {
	User     string `json:"user"`
	Total    int    `json:"total"`
	Conflict string `json:"conflict,omitempty"`
}

const question = "SELECT current_user, $1::int + 1"

func main() {
	ctx := context.Background()
	host := os.Args[1]
	token, err := adminToken(ctx, host)
	check(err)
	overPgx, err := withPgx(ctx, host, token)
	check(err)
	overPq, err := withPq(host, token)
	check(err)
	check(json.NewEncoder(os.Stdout).Encode(map[string]seen{"pgx": overPgx, "lib/pq": overPq}))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func adminToken(ctx context.Context, host string) (string, error) {
	region := strings.Split(host, ".")[2]
	configuration, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
	if err != nil {
		return "", err
	}
	return auth.GenerateDBConnectAdminAuthToken(ctx, host, region, configuration.Credentials)
}

// With TLS from the first byte, as AWS's connector asks for.
func withPgx(ctx context.Context, host, token string) (seen, error) {
	options, err := pgx.ParseConfig(fmt.Sprintf(
		"host=%s user=admin dbname=postgres sslmode=verify-full sslnegotiation=direct", host))
	if err != nil {
		return seen{}, err
	}
	options.Password = token
	first, err := pgx.ConnectConfig(ctx, options)
	if err != nil {
		return seen{}, err
	}
	defer first.Close(ctx)
	second, err := pgx.ConnectConfig(ctx, options)
	if err != nil {
		return seen{}, err
	}
	defer second.Close(ctx)

	var answer seen
	if err := first.QueryRow(ctx, question, 1).Scan(&answer.User, &answer.Total); err != nil {
		return seen{}, err
	}
	answer.Conflict, err = conflict(ctx, first, second)
	return answer, err
}

// conflict gives the SQLSTATE of the COMMIT that comes second.
func conflict(ctx context.Context, first, second *pgx.Conn) (string, error) {
	for _, statement := range []string{
		"CREATE TABLE go_counters (id int PRIMARY KEY, value int)",
		"INSERT INTO go_counters VALUES (1, 0)"} {
		if _, err := first.Exec(ctx, statement); err != nil {
			return "", err
		}
	}
	transaction, err := first.Begin(ctx)
	if err != nil {
		return "", err
	}
	if _, err := transaction.Exec(ctx, "UPDATE go_counters SET value = $1", 1); err != nil {
		return "", err
	}
	if _, err := second.Exec(ctx, "UPDATE go_counters SET value = $1", 2); err != nil {
		return "", err
	}
	err = transaction.Commit(ctx)
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return "", err
	}
	return refused.Code, nil
}

func withPq(host, token string) (seen, error) {
	database, err := sql.Open("postgres", fmt.Sprintf(
		"host=%s user=admin dbname=postgres sslmode=verify-full password='%s'", host, token))
	if err != nil {
		return seen{}, err
	}
	defer database.Close()
	var answer seen
	err = database.QueryRow(question, 1).Scan(&answer.User, &answer.Total)
	return answer, err
}
