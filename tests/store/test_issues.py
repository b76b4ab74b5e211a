"""How doubts are kept: so many of each kind, renewed by record."""

from tests.store.conftest import a_client, a_connection

from tallystick.store import StoredIssue, Stores, issues


def a_doubt(
    record_id: str, rule_id: str | None = "accounting-invoice-010", severity: str = "warning"
) -> StoredIssue:
    return StoredIssue(
        severity=severity, path="$", message="odd", data_type="invoices", record_id=record_id, rule_id=rule_id
    )


async def test_each_kind_of_doubt_has_room_of_its_own(stores: Stores) -> None:
    async with stores.client(await a_client(stores)) as store:
        row = await a_connection(store)

        many = [a_doubt(f"r{n}") for n in range(issues.WARNINGS_KEPT + 5)]
        others = [a_doubt("x", None), a_doubt("y", None, "rejected")]
        await store.write(
            lambda c: issues.save(c, number=row.number, dataset_id="d", page=None, found=[*many, *others])
        )
        found = await store.read(issues.of_dataset, "d")
        counts = {
            (each.severity, each.rule_id): (each.found, each.kept)
            for each in await store.read(issues.counts, "d")
        }
    assert len(found) == issues.WARNINGS_KEPT + 2
    assert counts == {
        ("warning", "accounting-invoice-010"): (205, 200),
        ("warning", None): (1, 1),
        ("rejected", None): (1, 1),
    }


async def test_what_is_met_again_is_forgotten_and_nothing_else(stores: Stores) -> None:
    async with stores.client(await a_client(stores)) as store:
        row, other = await a_connection(store), await a_connection(store)
        for number in (row.number, other.number):
            await store.write(
                lambda c, number=number: issues.save(
                    c, number=number, dataset_id=str(number), page=None, found=[a_doubt("a"), a_doubt("b")]
                )
            )
        dropped = await store.write(
            issues.forget, row.number, [("invoices", "a"), ("bills", "b"), ("invoices", "z")]
        )
        assert dropped == 1
        left = [await store.read(issues.of_dataset, str(number)) for number in (row.number, other.number)]
    assert [[doubt.record_id for doubt in some] for some in left] == [["b"], ["a", "b"]]


async def test_the_same_doubts_met_once_more_are_not_counted_twice(stores: Stores) -> None:
    async with stores.client(await a_client(stores)) as store:
        row = await a_connection(store)
        for counted in (True, False):
            await store.write(issues.forget, row.number, [("invoices", "a")])
            await store.write(
                lambda c, counted=counted: issues.save(
                    c, number=row.number, dataset_id="d", page=None, found=[a_doubt("a")], counted=counted
                )
            )
        (count,) = await store.read(issues.counts, "d")
    assert (count.found, count.kept) == (1, 1)


async def test_a_record_s_doubts_are_found_by_a_seek(stores: Stores) -> None:
    async with stores.client(await a_client(stores)) as store:
        plan = await store.read(
            lambda c: c.execute(
                "explain query plan select 1 from issues where connection in (1) and data_type = 'x' and record_id = 'y'"
            ).fetchall()
        )
    assert "issues_by_record" in plan[0][-1]
