"""The types of C++ and of SQL in one another, in the cluster of the local cloud: examples/shop, which
docs/cpp-api.md shows."""

import re

import pytest

from support.app import App
from support.cloud import ROOT


@pytest.fixture(scope="module")
def shop(projects, module_cloud):
    app = App(module_cloud, projects.copy(ROOT / "examples" / "shop", "shop"), "shop")
    app.deploy()
    assert app.call("POST", "/init").status_code == 204
    return app


def new_item(shop, **fields):
    answer = shop.call("POST", "/items", json={"name": "cup", "price": "12.30", **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def refusal(shop, path="/items", **request):
    answer = shop.call("POST", path, **request)
    assert answer.status_code == 400, answer.text
    return answer.json()["error"]


def test_an_item_comes_back_as_it_was_given_with_what_the_database_made_of_it(shop):
    details = {"maker": "Ö \"&\" Co", "colours": ["red", "a,b", ""]}
    item = new_item(shop, price="9999999999.99", status="sold_out", details=details, delivery="PT1H30M")
    assert (item["price"], item["status"], item["details"], item["delivery"]) == (
        "9999999999.99", "sold_out", details, "PT1H30M")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.(\d{3}|\d{6})Z", item["added_at"])


def test_initialisers_stand_for_what_is_absent(shop):
    item = new_item(shop)
    assert (item["status"], item["details"], item["delivery"]) == ("in_stock", None, "PT48H")


@pytest.mark.parametrize("fields, error", [
    ({"price": 12.30}, 'price must be a decimal such as "12.30", not a number'),
    ({"status": "gone"}, "status must be one of sold_out, in_stock"),
    ({"details": {"maker": "M"}}, "details.colours is required"),
    ({"details": {"maker": "M", "colours": ["a", 1]}}, "details.colours[1] must be a string, not a number"),
    ({"delivery": "PT0.5S"}, "delivery must be a duration such as PT1H30M"),
    ({"colour": "red"}, "colour is not a known field"),
])
def test_what_does_not_fit_is_named_with_its_path(shop, fields, error):
    assert refusal(shop, json={"name": "cup", "price": "1", **fields}) == error


def test_a_number_that_no_double_holds_is_out_of_range(shop):
    assert refusal(shop, data='{"name": "cup", "price": 1e400}') == "price is out of range"


def test_a_list_of_ids_finds_their_items(shop):
    ids = [new_item(shop, name=name)["id"] for name in ("b", "a", "c")]
    answer = shop.call("POST", "/items/find", json=ids[:2])
    assert [item["name"] for item in answer.json()] == ["a", "b"]
    assert shop.call("POST", "/items/find", json=[]).json() == []


def test_items_are_selected_by_a_status_that_exists(shop):
    sold = new_item(shop, status="sold_out")["id"]
    assert sold in [item["id"] for item in shop.call("GET", "/items?status=sold_out").json()]
    assert sold not in [item["id"] for item in shop.call("GET", "/items").json()]
    answer = shop.call("GET", "/items?status=gone")
    assert (answer.status_code, answer.json()) == (400, {"error": "status must be one of sold_out, in_stock"})


def test_more_rows_than_a_transaction_may_change_are_inserted_and_exported(shop):
    before = shop.call("GET", "/report").json()["count"]
    items = [{"name": f"imported {i:05}", "price": "0.01"} for i in range(7001)]
    answer = shop.call("POST", "/import", json=items)
    assert (answer.status_code, answer.json()) == (200, {"inserted": 7001})
    assert shop.call("GET", "/report").json()["count"] == before + 7001
    lines = shop.call("GET", "/export").text.splitlines()
    assert "imported 07000;0.01" in lines and len(lines) == before + 7001


def test_an_item_is_sold_once(shop):
    item = new_item(shop)["id"]
    assert shop.call("POST", f"/items/{item}/sell").status_code == 204
    assert shop.call("POST", f"/items/{item}/sell").status_code == 409


def test_a_conflict_runs_the_transaction_again_and_tells_it(shop, module_cloud):
    item = new_item(shop)["id"]
    module_cloud.run("local", "faults", "--conflicts", "100%")
    try:
        assert shop.call("POST", f"/items/{item}/sell").status_code == 500
    finally:
        module_cloud.run("local", "faults", "--off")
    assert '"attempt":3' in module_cloud.run("logs", "shop", cwd=shop.directory).stdout


def test_a_member_says_which_alternative_of_a_variant_is_meant(shop):
    parcel = {"by": "parcel", "address": "1 High Street"}
    answer = shop.call("POST", "/deliveries/price", json=parcel)
    assert answer.json() == {"delivery": parcel, "price": "4.90"}
    assert shop.call("POST", "/deliveries/price", json={"branch": "North", "by": "pickup"}).json()["price"] == "0"
    assert refusal(shop, "/deliveries/price", json={"by": "drone"}) == "by must be one of pickup, parcel"
    assert refusal(shop, "/deliveries/price", json={"address": "x"}) == "by is required"
