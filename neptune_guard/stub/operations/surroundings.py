"""What programs look up around a cluster: subnet groups and global clusters."""

from __future__ import annotations

from neptune_guard.exceptions import NotStubbedError
from neptune_guard.stub import _views
from neptune_guard.stub._caller import Caller
from neptune_guard.stub._faults import Fault
from neptune_guard.stub._operation import Answer, Params, operation


@operation(optional="GlobalClusterIdentifier MaxRecords Marker")
def describe_global_clusters(caller: Caller, params: Params) -> Answer:
    """List no global clusters: the stub has none. Terraform asks for them with every cluster that it reads."""
    given = params.get("GlobalClusterIdentifier")
    if given is not None:
        raise Fault("GlobalClusterNotFoundFault", f"Global cluster {given} not found")
    return {"GlobalClusters": []}


@operation(optional="DBSubnetGroupName Filters MaxRecords Marker")
def describe_db_subnet_groups(caller: Caller, params: Params) -> Answer:
    """List the only subnet group that the stub has, `default`."""
    if params.get("Filters"):
        raise NotStubbedError("the stub has no Filters for DescribeDBSubnetGroups; Neptune documents none")
    given = params.get("DBSubnetGroupName", "default")
    if given.lower() != "default":
        raise Fault("DBSubnetGroupNotFoundFault", f"DB subnet group '{given}' does not exist.")
    return {"DBSubnetGroups": [_views.subnet_group_view(caller.region, caller.account_id, "default")]}
